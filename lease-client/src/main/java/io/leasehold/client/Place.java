package io.leasehold.client;

import io.leasehold.client.Operation.Delete;
import io.leasehold.client.Operation.Order;
import io.leasehold.client.Operation.Put;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult.Found;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.WatchEvent.Compacted;
import io.leasehold.client.WatchEvent.Ended;
import io.leasehold.client.internal.Foundation;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A place in a {@link Line} of keys, as etcd's recipes have it: whoever's key came to be first is
 * first. The key hangs on a lease and carries its ID, so taking the same place again finds it.
 *
 * <p>One thread at a time.
 */
final class Place {
  private final Foundation core;
  private final Line line;
  private final KeptLease lease;
  private final Bytes key;
  private final long createRevision;
  private final boolean isFirst;

  private Place(
      Foundation core,
      Line line,
      KeptLease lease,
      Bytes key,
      long createRevision,
      boolean isFirst) {
    this.core = core;
    this.line = line;
    this.lease = lease;
    this.key = key;
    this.createRevision = createRevision;
    this.isFirst = isFirst;
  }

  /** Takes a place at the end of a line. Fails if the lease is gone. */
  static Place take(Foundation core, Line line, Bytes key, KeptLease lease, Bytes value) {
    Read oldest =
        Read.of(KeyRange.prefix(line.rivals())).order(Order.OLDEST_FIRST).limit(line.permits());
    TxnResult result;
    try {
      result =
          core.keys()
              .commit(
                  Txn.when(Condition.missing(key))
                      .then(new Put(key, value, lease.id()), oldest)
                      .otherwise(Read.of(KeyRange.of(key)), oldest)
                      .repeatable());
    } catch (LeaseNotFoundException e) {
      throw new LeaseLostException(
          "the lease is gone: no place in line", lease.lossReason().orElse(LossReason.REVOKED));
    }
    long created =
        result.succeeded() ? result.revision() : result.found(0).entries().get(0).createRevision();
    long before =
        result.found(1).entries().stream().filter(one -> one.createRevision() < created).count();
    return new Place(core, line, lease, key, created, before < line.permits());
  }

  /** Gives up a place of which it is not known whether it was taken. */
  static CompletableFuture<TxnResult> abandon(Foundation core, Bytes key) {
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
    Read before = older();
    while (true) {
      Found found;
      try {
        found = core.keys().read(before);
        if (found.entries().size() < line.permits()) {
          requireStillThere();
          return true;
        }
      } catch (UnavailableException e) {
        if (lease.state() == LeaseState.LOST) {
          LeaseLostException over = lost();
          over.addSuppressed(e);
          throw over;
        }
        if (patience.leftNanos() == 0) {
          throw e;
        }
        // The place in line is kept as long as the lease lives.
        continue;
      }
      if (!awaitFewer(found, lost, patience)) {
        return false;
      }
    }
  }

  /** Reads those before this place: of a line for one, the last of them alone. */
  private Read older() {
    Read all = Read.of(KeyRange.prefix(line.rivals())).createdBefore(createRevision);
    return line.permits() == 1 ? all.order(Order.NEWEST_FIRST).limit(1) : all;
  }

  private void requireStillThere() {
    Optional<KeyEntry> own = core.keys().get(key);
    if (own.isEmpty() || own.get().createRevision() != createRevision) {
      throw new LeaseLostException(
          "the place in line is gone: " + key, lease.lossReason().orElse(LossReason.REVOKED));
    }
  }

  /** Waits until too few of those before are left to be waited for; false: not in time. */
  private boolean awaitFewer(Found before, CompletableFuture<LossReason> lost, Patience patience)
      throws InterruptedException {
    Set<Bytes> left = new HashSet<>();
    before.entries().forEach(entry -> left.add(entry.key()));
    // Who waits for one alone must not hear of all the others.
    KeyRange watched =
        line.permits() == 1
            ? KeyRange.of(before.entries().get(0).key())
            : KeyRange.prefix(line.rivals());
    CompletableFuture<Void> gone = new CompletableFuture<>();
    Watcher watcher =
        core.watches()
            .watch(
                watched,
                before.revision() + 1,
                event -> {
                  if (isEnd(event, left)) {
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

  /** Whether the line must be looked at again. Called by one thread at a time. */
  private boolean isEnd(WatchEvent event, Set<Bytes> left) {
    if (event instanceof Changed changed) {
      for (KeyChange change : changed.changes()) {
        if (change.isDeletion()) {
          boolean unused = left.remove(change.entry().key());
        }
      }
      return left.size() < line.permits();
    }
    return event instanceof Compacted || event instanceof Ended;
  }

  /** Returns what to throw when the lease is found lost. */
  LeaseLostException lost() {
    LossReason reason = lease.lossReason().orElse(LossReason.CLOSED);
    return new LeaseLostException("the lease that holds the lock is lost: " + reason, reason);
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
