package io.leasehold.client.internal.grpc;

import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.client.Bytes;
import io.leasehold.client.KeyEntry;
import io.leasehold.client.KeyRange;
import io.leasehold.client.KeyValue;
import io.leasehold.client.Operation.Delete;
import io.leasehold.client.Operation.Put;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult.Found;
import io.leasehold.client.Txn;
import io.leasehold.client.TxnResult;
import io.leasehold.client.internal.Foundation.DirectKeys;
import io.leasehold.client.internal.grpc.Calls.Repeat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** {@link KeyValue} over gRPC. */
public final class GrpcKeyValue implements DirectKeys {
  private final Calls calls;
  private final Executor callbacks;

  public GrpcKeyValue(Calls calls, Executor callbacks) {
    this.calls = calls;
    this.callbacks = callbacks;
  }

  private CompletableFuture<Found> found(Read read) {
    return calls
        .call(KVGrpc.getRangeMethod(), Messages.range(read), Repeat.READ)
        .thenApply(a -> Messages.found(a.answer(), a.answer().getHeader().getRevision()));
  }

  private CompletableFuture<Optional<KeyEntry>> entry(Bytes key) {
    return found(Read.of(KeyRange.of(key))).thenApply(read -> read.entries().stream().findFirst());
  }

  private CompletableFuture<Long> written(Bytes key, Bytes value, long leaseId) {
    return calls
        .call(KVGrpc.getPutMethod(), Messages.put(new Put(key, value, leaseId)), Repeat.NEVER)
        .thenApply(a -> a.answer().getHeader().getRevision());
  }

  private CompletableFuture<Long> deleted(KeyRange range) {
    return calls
        .call(KVGrpc.getDeleteRangeMethod(), Messages.delete(new Delete(range)), Repeat.NEVER)
        .thenApply(a -> a.answer().getDeleted());
  }

  @Override
  public CompletableFuture<TxnResult> committed(Txn txn) {
    return calls
        .call(
            KVGrpc.getTxnMethod(),
            Messages.txn(txn),
            txn.isRepeatable() ? Repeat.SAFE : Repeat.NEVER)
        .thenApply(a -> Messages.result(a.answer()));
  }

  @Override
  public CompletableFuture<Optional<KeyEntry>> getAsync(Bytes key) {
    return Answers.on(callbacks, entry(key));
  }

  @Override
  public Optional<KeyEntry> get(Bytes key) {
    return Answers.await(entry(key));
  }

  @Override
  public CompletableFuture<Found> readAsync(Read read) {
    return Answers.on(callbacks, found(read));
  }

  @Override
  public Found read(Read read) {
    return Answers.await(found(read));
  }

  @Override
  public CompletableFuture<Long> putAsync(Bytes key, Bytes value, long leaseId) {
    return Answers.on(callbacks, written(key, value, leaseId));
  }

  @Override
  public long put(Bytes key, Bytes value, long leaseId) {
    return Answers.await(written(key, value, leaseId));
  }

  @Override
  public CompletableFuture<Long> deleteAsync(KeyRange range) {
    return Answers.on(callbacks, deleted(range));
  }

  @Override
  public long delete(KeyRange range) {
    return Answers.await(deleted(range));
  }

  @Override
  public CompletableFuture<TxnResult> commitAsync(Txn txn) {
    return Answers.on(callbacks, committed(txn));
  }

  @Override
  public TxnResult commit(Txn txn) {
    return Answers.await(committed(txn));
  }
}
