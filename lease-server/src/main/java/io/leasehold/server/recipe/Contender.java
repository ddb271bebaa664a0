package io.leasehold.server.recipe;

import io.grpc.Status;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.OpResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One lease's wait for the first place in a line.
 *
 * <p>It takes a place, and learns with that who stands before it; or it finds the one its lease
 * took before, and looks. It waits until the key before it, or its own, is deleted: then it looks.
 * Each waits for its predecessor alone, so that the end of one wakes only the next. It is told that
 * it is first only after a read that saw its own key there: a lease that ends while it waits is
 * noticed at once.
 *
 * <p>Calls of one lease, on whichever members, share one place, and one of them may give up while
 * another goes on. So each writes the key anew when it enters, and what is given up is deleted only
 * if that write is still the last: the delete may come late. A call whose turn comes after another
 * wrote writes once more, so that the other takes nothing from it. And a place that was first
 * already when a call wrote it may be held by another call, and is not that call's to give up.
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

  /** The revision at which this call wrote the key last, 0 for not yet. */
  private long writtenRevision;

  /** Another call of the lease may have been told that the place is first. */
  private boolean mayBeHeld;

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
      giveBack();
    }
  }

  /**
   * Gives up the place, of which the client was not told, for the next in line. Does nothing if
   * there is none yet, or if another call of the lease may have it.
   */
  public void giveBack() {
    long written;
    synchronized (this) {
      written = mayBeHeld ? 0 : writtenRevision;
    }
    if (written != 0) {
      CompletableFuture<Outcome.Transacted> unused =
          keys.transact(Writing.leavingUnlessRewritten(key, written));
    }
  }

  private void entered(Outcome.Transacted entered) {
    boolean isNew = entered.result().succeeded();
    List<OpResult> results = entered.result().results();
    List<KeyValue> newest = isNew ? keyValues(results.get(1)) : List.of();
    long created = isNew ? entered.revision() : onlyKey(results.get(1)).createRevision();
    boolean isFirst =
        isNew ? newest.size() == 1 : onlyKey(results.get(2)).createRevision() == created;
    synchronized (this) {
      createRevision = created;
      writtenRevision = entered.revision();
      mayBeHeld = !isNew && isFirst;
    }
    if (first.isDone()) {
      giveBack(); // who left meanwhile had nothing to give up yet
    } else if (isFirst) {
      succeed(entered.revision());
    } else if (isNew) {
      new Waiting().begin(newest.get(1).key(), entered.revision() + 1);
    } else {
      look();
    }
  }

  private static List<KeyValue> keyValues(OpResult result) {
    return ((OpResult.Range) result).keyValues();
  }

  private static KeyValue onlyKey(OpResult result) {
    return keyValues(result).get(0);
  }

  /** What a look at the line found. */
  private record Sight(
      long revision, boolean isAlive, boolean isLastWriter, @Nullable Bytes predecessor) {}

  private void look() {
    if (!first.isDone()) {
      watchOver(keys.read(this::see).thenAccept(this::seen));
    }
  }

  private Sight see(KeyView view) {
    long created;
    long written;
    synchronized (this) {
      created = createRevision;
      written = writtenRevision;
    }
    KeyValue own = view.get(key, view.revision());
    KeyValue before = line.before(view, created);
    return new Sight(
        view.revision(),
        own != null && own.createRevision() == created,
        own != null && own.modRevision() == written,
        before == null ? null : before.key());
  }

  private void seen(Sight sight) {
    Bytes predecessor = sight.predecessor();
    if (!sight.isAlive()) {
      expire();
    } else if (predecessor != null) {
      new Waiting().begin(predecessor, sight.revision() + 1);
    } else if (sight.isLastWriter()) {
      succeed(sight.revision());
    } else {
      writeAgain();
    }
  }

  /** Makes the first place this call's too, whatever becomes of the call that wrote it last. */
  private void writeAgain() {
    watchOver(
        keys.transact(Writing.again(key, createRevision(), leaseId))
            .thenAccept(this::writtenAgain));
  }

  private void writtenAgain(Outcome.Transacted written) {
    if (!written.result().succeeded()) {
      expire();
      return;
    }
    synchronized (this) {
      writtenRevision = written.revision();
      mayBeHeld = true;
    }
    succeed(written.revision());
  }

  /** Waits until one of two keys is deleted, and then looks once. */
  private final class Waiting implements KeyAccess.Watcher {
    private KeyAccess.@Nullable Watching watching;
    private boolean over;

    void begin(Bytes predecessorKey, long fromRevision) {
      synchronized (Contender.this) {
        waiting = this;
      }
      List<KeyRange> both = List.of(KeyRange.single(predecessorKey), KeyRange.single(key));
      KeyAccess.Watching begun = keys.watch(both, fromRevision, this);
      boolean late;
      synchronized (Contender.this) {
        watching = begun;
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
        fail(why.asRuntimeException());
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
      KeyAccess.Watching current;
      synchronized (Contender.this) {
        over = true;
        current = watching;
      }
      if (current != null) {
        current.close();
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
      giveBack();
    }
  }

  /** The own key is gone. */
  private void expire() {
    first.completeExceptionally(expired.asRuntimeException());
  }

  /** Whoever cannot wait any longer stands in nobody's way. */
  private void fail(Throwable cause) {
    if (first.completeExceptionally(cause)) {
      giveBack();
    }
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
                fail(Failures.cause(failure));
              }
            });
  }
}
