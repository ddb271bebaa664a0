package io.leasehold.client;

import io.leasehold.client.Operation.Delete;
import io.leasehold.client.Operation.Order;
import io.leasehold.client.Operation.Put;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult.Found;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.WatchEvent.Compacted;
import io.leasehold.client.WatchEvent.Ended;
import io.leasehold.client.internal.ClientCore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A place in the line of keys under a prefix, as etcd's recipes have it: whoever's key came to be
 * first is first. The key hangs on a lease and carries its ID, so a lease has one place in a line,
 * and taking it again finds it.
 *
 * <p>One thread at a time.
 */
final class Place {
  private final ClientCore core;
  private final Bytes prefix;
  private final KeptLease lease;
  private final Bytes key;
  private final long createRevision;
  private final boolean isFirst;

  private Place(
      ClientCore core,
      Bytes prefix,
      KeptLease lease,
      Bytes key,
      long createRevision,
      boolean isFirst) {
    this.core = core;
    this.prefix = prefix;
    this.lease = lease;
    this.key = key;
    this.createRevision = createRevision;
    this.isFirst = isFirst;
  }

  /** Returns the key of a lease's place in a line. */
  static Bytes key(Bytes prefix, long leaseId) {
    return prefix.plus(Bytes.of(Long.toHexString(leaseId)));
  }

  /** Takes a place at the end of a line. Fails if the lease is gone. */
  static Place take(ClientCore core, Bytes prefix, KeptLease lease, Bytes value) {
    Bytes key = key(prefix, lease.id());
    Read first = Read.of(KeyRange.prefix(prefix)).order(Order.OLDEST_FIRST).limit(1);
    TxnResult result;
    try {
      result =
          core.keys()
              .commit(
                  Txn.when(Condition.missing(key))
                      .then(new Put(key, value, lease.id()), first)
                      .otherwise(Read.of(KeyRange.of(key)), first)
                      .repeatable());
    } catch (LeaseNotFoundException e) {
      throw new LeaseLostException(
          "the lease is gone: no place in line", lease.lossReason().orElse(LossReason.REVOKED));
    }
    long created =
        result.succeeded() ? result.revision() : result.found(0).entries().get(0).createRevision();
    Found found = result.found(1);
    boolean isFirst =
        found.entries().isEmpty() || found.entries().get(0).createRevision() == created;
    return new Place(core, prefix, lease, key, created, isFirst);
  }

  /** Gives up a place of which it is not known whether it was taken. */
  static CompletableFuture<TxnResult> abandon(ClientCore core, Bytes prefix, KeptLease lease) {
    Bytes key = key(prefix, lease.id());
    return core.keys()
        .committed(Txn.when(Condition.exists(key)).then(new Delete(KeyRange.of(key))).repeatable());
  }

  Bytes key() {
    return key;
  }

  KeptLease lease() {
    return lease;
  }

  /** Returns the revision at which this place was taken: the fencing token once it is first. */
  long createRevision() {
    return createRevision;
  }

  /** Returns whether this place was first when it was taken. */
  boolean isFirst() {
    return isFirst;
  }

  /**
   * Waits until this place is first; false if it is not in time.
   *
   * @param lost completes when the lease is lost, and ends the wait
   */
  boolean awaitTurn(CompletableFuture<LossReason> lost, Patience patience)
      throws InterruptedException {
    if (isFirst) {
      return true;
    }
    while (true) {
      Found before;
      try {
        before =
            core.keys()
                .read(
                    Read.of(KeyRange.prefix(prefix))
                        .order(Order.NEWEST_FIRST)
                        .limit(1)
                        .createdBefore(createRevision));
        if (before.entries().isEmpty()) {
          requireStillThere();
          return true;
        }
      } catch (UnavailableException e) {
        if (lease.state() == LeaseState.LOST || patience.leftNanos() == 0) {
          throw e;
        }
        // The place in line is kept as long as the lease lives.
        continue;
      }
      Bytes previous = before.entries().get(0).key();
      if (!awaitDeletion(previous, before.revision() + 1, lost, patience)) {
        return false;
      }
    }
  }

  private void requireStillThere() {
    Optional<KeyEntry> own = core.keys().get(key);
    if (own.isEmpty() || own.get().createRevision() != createRevision) {
      throw new LeaseLostException(
          "the place in line is gone: " + key, lease.lossReason().orElse(LossReason.REVOKED));
    }
  }

  private boolean awaitDeletion(
      Bytes previous, long fromRevision, CompletableFuture<LossReason> lost, Patience patience)
      throws InterruptedException {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    Watcher watcher =
        core.watches()
            .watch(
                KeyRange.of(previous),
                fromRevision,
                event -> {
                  if (isEnd(event)) {
                    boolean unused = gone.complete(null);
                  }
                },
                Runnable::run);
    try {
      CompletableFuture<Object> either = CompletableFuture.anyOf(gone, lost);
      if (patience.isEndless()) {
        Object unused = either.get();
      } else {
        Object unused = either.get(patience.leftNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      watcher.close();
    }
    if (lost.isDone()) {
      LossReason reason = lost.join();
      throw new LeaseLostException("the lease was lost while waiting in line", reason);
    }
    return true;
  }

  /** Whether the line must be looked at again. */
  private static boolean isEnd(WatchEvent event) {
    if (event instanceof Changed changed) {
      return changed.changes().stream().anyMatch(KeyChange::isDeletion);
    }
    return event instanceof Compacted || event instanceof Ended;
  }

  /** Gives the place up; ends when it certainly is given up, or certainly cannot be now. */
  CompletableFuture<TxnResult> leave() {
    return core.keys()
        .committed(
            Txn.when(Condition.createdAt(key, createRevision))
                .then(new Delete(KeyRange.of(key)))
                .repeatable());
  }
}
