package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.v3lockpb.LockGrpc;
import io.leasehold.api.v3lockpb.LockRequest;
import io.leasehold.api.v3lockpb.LockResponse;
import io.leasehold.api.v3lockpb.UnlockRequest;
import io.leasehold.api.v3lockpb.UnlockResponse;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import io.leasehold.server.recipe.Contender;
import io.leasehold.server.recipe.KeyAccess;
import java.util.concurrent.CompletableFuture;

/**
 * etcd's Lock service: a lock is the first place in the line of its name. A call waits in line for
 * as long as its client waits; a client that gives up leaves the line. Any thread, nothing blocks.
 */
public final class LockService extends LockGrpc.LockImplBase {
  /** Of the lease that is granted to a caller who brings none; nobody renews it, as with etcd. */
  private static final long OWN_LEASE_TTL_SECONDS = 60;

  private static final Status EXPIRED = Status.UNKNOWN.withDescription("mutex: session is expired");

  private final KeyAccess keys;
  private final ResponseHeaders headers;
  private final OpenStreams openCalls;

  public LockService(KeyAccess keys, ResponseHeaders headers, OpenStreams openCalls) {
    this.keys = keys;
    this.headers = headers;
    this.openCalls = openCalls;
  }

  @Override
  public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
    LongCall<LockResponse> call =
        new LongCall<>((ServerCallStreamObserver<LockResponse>) observer, openCalls);
    if (request.getLease() != 0) {
      lock(request, request.getLease(), call);
    } else {
      CompletableFuture<Void> unused =
          keys.grant(OWN_LEASE_TTL_SECONDS)
              .thenAccept(leaseId -> lock(request, leaseId, call))
              .whenComplete(call::failedIfNotNull);
    }
  }

  private void lock(LockRequest request, long leaseId, LongCall<LockResponse> call) {
    Bytes name = KeyMessages.bytes(request.getName());
    Contender contender = new Contender(keys, name, leaseId, Bytes.EMPTY, EXPIRED);
    call.onGivenUp(contender::leave);
    CompletableFuture<Void> unused =
        contender
            .enter()
            .thenAccept(
                place ->
                    call.send(
                        LockResponse.newBuilder()
                            .setHeader(headers.at(place.revision()))
                            .setKey(KeyMessages.field(place.key()))
                            .build(),
                        contender::giveBack))
            .whenComplete(call::failedIfNotNull);
  }

  @Override
  public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> observer) {
    LongCall<UnlockResponse> call =
        new LongCall<>((ServerCallStreamObserver<UnlockResponse>) observer, openCalls);
    if (request.getKey().isEmpty()) {
      call.fail(EtcdError.EMPTY_KEY.status());
      return;
    }
    KeyRange key = KeyRange.single(KeyMessages.bytes(request.getKey()));
    CompletableFuture<Outcome.Transacted> deleted =
        keys.transact(Txn.of(new Op.DeleteRange(key, false)));
    CompletableFuture<Void> unused =
        deleted
            .thenAccept(
                outcome ->
                    call.send(
                        UnlockResponse.newBuilder()
                            .setHeader(headers.at(outcome.revision()))
                            .build()))
            .whenComplete(call::failedIfNotNull);
  }
}
