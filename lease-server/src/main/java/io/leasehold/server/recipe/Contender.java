package io.leasehold.server.recipe;

import io.grpc.Status;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.OpResult;
import io.leasehold.core.key.Txn;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One lease's wait for the first place in a line.
 *
 * <p>It takes a place, or finds the one its lease took before; looks who stands before it; and
 * waits until that key, or its own, is deleted: then it looks again. Each waits for its predecessor
 * alone, so that the end of one wakes only the next. It is told that it is first only after a read
 * that saw its own key there: a lease that ends while it waits is noticed at once.
 *
 * <p>Any thread. State is guarded by {@code this}; the future completes outside.
 */
public final class Contender {
  private final KeyAccess keys;
  private final Line line;
  private final Bytes key;
  private final long leaseId;
  private final Bytes value;
  private final Status expired;
  private final CompletableFuture<Place> first = new CompletableFuture<>();
  private long createRevision;
  private @Nullable Waiting waiting;

  /**
   * @param name the line's name
   * @param value what to write into the key when the place is taken
   * @param expired what to fail with when the own key is gone
   */
  public Contender(KeyAccess keys, Bytes name, long leaseId, Bytes value, Status expired) {
    this.keys = keys;
    this.line = Line.named(name);
    this.key = line.keyOf(leaseId);
    this.leaseId = leaseId;
    this.value = value;
    this.expired = expired;
  }

  /** Takes a place and waits for the first one; completes once it is this contender's. */
  public CompletableFuture<Place> enter() {
    if (!first.isDone()) {
      watchOver(keys.transact(line.entering(key, leaseId, value)).thenAccept(this::entered));
    }
    return first;
  }

  /**
   * Leaves the line, unless the wait is over: the place is given up, as well as that can be done.
   */
  public void leave() {
    if (first.cancel(false)) {
      stopWaiting();
      CompletableFuture<Outcome.Transacted> unused =
          keys.transact(Txn.of(new Op.DeleteRange(KeyRange.single(key), false)));
    }
  }

  /** Gives up the first place, of which the client was not told, for the next in line. */
  public void giveBack(Place place) {
    CompletableFuture<Outcome.Transacted> unused =
        keys.transact(Writing.leaving(place.key(), place.createRevision()));
  }

  private void entered(Outcome.Transacted entered) {
    List<OpResult> results = entered.result().results();
    KeyValue own = null;
    if (!entered.result().succeeded()) {
      own = ((OpResult.Range) results.get(0)).keyValues().get(0);
    }
    long created = own == null ? entered.revision() : own.createRevision();
    synchronized (this) {
      createRevision = created;
    }
    List<KeyValue> oldest = ((OpResult.Range) results.get(1)).keyValues();
    boolean isFirst = oldest.isEmpty() || oldest.get(0).createRevision() == created;
    if (own != null && !own.value().equals(value)) {
      // The lease stands in line with another value: this call's counts.
      watchOver(
          keys.transact(Writing.whileCreatedAt(key, created, leaseId, value))
              .thenAccept(
                  written -> {
                    if (!written.result().succeeded()) {
                      fail();
                    } else if (isFirst) {
                      succeed(written.revision());
                    } else {
                      look();
                    }
                  }));
    } else if (isFirst) {
      succeed(entered.revision());
    } else {
      look();
    }
  }

  /** What a look at the line found. */
  private record Sight(long revision, boolean isAlive, @Nullable Bytes predecessor) {}

  private void look() {
    if (!first.isDone()) {
      watchOver(keys.read(this::see).thenAccept(this::seen));
    }
  }

  private Sight see(KeyView view) {
    long created = createRevision();
    KeyValue own = view.get(key, view.revision());
    KeyValue before = line.before(view, created);
    return new Sight(
        view.revision(),
        own != null && own.createRevision() == created,
        before == null ? null : before.key());
  }

  private void seen(Sight sight) {
    Bytes predecessor = sight.predecessor();
    if (!sight.isAlive()) {
      fail();
    } else if (predecessor == null) {
      succeed(sight.revision());
    } else {
      new Waiting().begin(predecessor, sight.revision() + 1);
    }
  }

  /** Waits until one of two keys is deleted, and then looks once. */
  private final class Waiting implements KeyAccess.Watcher {
    private KeyAccess.@Nullable Watching predecessor;
    private KeyAccess.@Nullable Watching own;
    private boolean over;

    void begin(Bytes predecessorKey, long fromRevision) {
      synchronized (Contender.this) {
        waiting = this;
      }
      KeyAccess.Watching one = keys.watch(KeyRange.single(predecessorKey), fromRevision, this);
      KeyAccess.Watching two = keys.watch(KeyRange.single(key), fromRevision, this);
      boolean late;
      synchronized (Contender.this) {
        predecessor = one;
        own = two;
        late = over || first.isDone();
      }
      if (late) {
        close();
      }
    }

    @Override
    public void changed(long revision, List<KeyEvent> events) {
      if (events.stream().anyMatch(KeyEvent.Deleted.class::isInstance)) {
        wake();
      }
    }

    @Override
    public void ended(Status why) {
      if (why.getCode() == Status.Code.OUT_OF_RANGE) {
        wake(); // history was compacted away: a look tells what it held
      } else if (end()) {
        first.completeExceptionally(why.asRuntimeException());
      }
    }

    private void wake() {
      if (end()) {
        look();
      }
    }

    /** Returns true to the first caller alone. */
    private boolean end() {
      synchronized (Contender.this) {
        if (over) {
          return false;
        }
        over = true;
      }
      close();
      return true;
    }

    private void close() {
      KeyAccess.Watching one;
      KeyAccess.Watching two;
      synchronized (Contender.this) {
        over = true;
        one = predecessor;
        two = own;
      }
      if (one != null) {
        one.close();
      }
      if (two != null) {
        two.close();
      }
    }
  }

  private void stopWaiting() {
    Waiting current;
    synchronized (this) {
      current = waiting;
    }
    if (current != null) {
      current.close();
    }
  }

  private void succeed(long revision) {
    Place place = new Place(key, createRevision(), revision);
    if (!first.complete(place)) {
      giveBack(place);
    }
  }

  private void fail() {
    first.completeExceptionally(expired.asRuntimeException());
  }

  private synchronized long createRevision() {
    return createRevision;
  }

  /** Sees to it that a step that fails ends the wait. */
  private void watchOver(CompletableFuture<Void> step) {
    CompletableFuture<Void> unused =
        step.whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                first.completeExceptionally(Failures.cause(failure));
              }
            });
  }
}
