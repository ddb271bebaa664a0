package io.leasehold.client;

import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult.Found;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads and changes keys.
 *
 * <p>Reads are linearizable unless asked otherwise, and repeated until they are answered. Changes
 * are made once: when the answer to one is lost, it ends with an {@link OutcomeUnknownException}.
 *
 * <p>Each request comes in two forms: one that returns a future, and one that waits. A future ends
 * with a {@link LeaseholdException}, and the waiting form throws it.
 */
public interface KeyValue {
  /** Reads one key. */
  CompletableFuture<Optional<KeyEntry>> getAsync(Bytes key);

  /** Reads one key. */
  Optional<KeyEntry> get(Bytes key);

  /** Reads keys. */
  CompletableFuture<Found> readAsync(Read read);

  /** Reads keys. */
  Found read(Read read);

  /** Writes a key on a lease, or on none if that is 0; answers the revision. */
  CompletableFuture<Long> putAsync(Bytes key, Bytes value, long leaseId);

  /** Writes a key on a lease, or on none if that is 0; returns the revision. */
  long put(Bytes key, Bytes value, long leaseId);

  /** Writes a key that hangs on no lease; returns the revision. */
  default long put(Bytes key, Bytes value) {
    return put(key, value, 0);
  }

  /** Deletes keys; answers how many there were. */
  CompletableFuture<Long> deleteAsync(KeyRange range);

  /** Deletes keys; returns how many there were. */
  long delete(KeyRange range);

  /** Makes a transaction. */
  CompletableFuture<TxnResult> commitAsync(Txn txn);

  /** Makes a transaction. */
  TxnResult commit(Txn txn);
}
