package io.leasehold.server.recipe;

import io.grpc.Status;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeySpace;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.MemoryKeyStore;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import io.leasehold.core.key.TxnAnswer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A key space in memory whose answers come when the test says so: requests wait in a queue until
 * {@link #run}. Watchers hear of changes in the same way. Transactions can be held up, as they are
 * without a leader, and overtaken meanwhile. Test thread only.
 */
public final class FakeKeys implements KeyAccess, KeyListener {
  private final MemoryKeyStore store = new MemoryKeyStore();
  private final Set<Long> leases = new HashSet<>();
  private final KeySpace space = new KeySpace(store, leases::contains, this);
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private final List<Runnable> parked = new ArrayList<>();
  private final List<Watch> watches = new ArrayList<>();
  private boolean isParking;
  private @Nullable Status refusal;
  private long granted = 1000;

  public void lease(long leaseId) {
    leases.add(leaseId);
  }

  /** Ends a lease with its keys. */
  void end(long leaseId) {
    leases.remove(leaseId);
    space.leaseEnded(leaseId);
  }

  void put(String key, String value, long leaseId) {
    space.transact(
        Txn.of(new Op.Put(Bytes.utf8(key), Bytes.utf8(value), leaseId, false, false, false)));
  }

  public void delete(String key) {
    space.transact(Txn.of(new Op.DeleteRange(KeyRange.single(Bytes.utf8(key)), false)));
  }

  void compact() {
    space.compact(store.revision());
  }

  public KeyView view() {
    return store;
  }

  /** From now on transactions wait until they are let go, or no longer do. */
  void parks(boolean isParking) {
    this.isParking = isParking;
  }

  /** Lets go of all transactions that were held up. */
  void unpark() {
    queue.addAll(parked);
    parked.clear();
  }

  /** Lets go of any one of them. */
  void unparkOne(Random random) {
    if (!parked.isEmpty()) {
      queue.add(parked.remove(random.nextInt(parked.size())));
    }
  }

  /** From now on no watch is begun. */
  void refuseWatches(Status why) {
    refusal = why;
  }

  /** Returns how many watches are open: not closed, that is, though they may have ended. */
  int watches() {
    return watches.size();
  }

  /** Answers what waits, and what comes of that, until nothing waits. */
  public void run() {
    for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
      next.run();
    }
  }

  /** As {@link #runOne}, if anything waits. */
  void tryRunOne() {
    Runnable next = queue.poll();
    if (next != null) {
      next.run();
    }
  }

  /** Answers the request or event that has waited longest. */
  public void runOne() {
    queue.remove().run();
  }

  @Override
  public CompletableFuture<Outcome.Transacted> transact(Txn txn) {
    CompletableFuture<Outcome.Transacted> answer = new CompletableFuture<>();
    Runnable transaction =
        () -> {
          if (space.transact(txn) instanceof TxnAnswer.Ran ran) {
            answer.complete(new Outcome.Transacted(store.revision(), ran.result()));
          } else {
            answer.completeExceptionally(
                Status.NOT_FOUND
                    .withDescription("etcdserver: requested lease not found")
                    .asRuntimeException());
          }
        };
    if (isParking) {
      parked.add(transaction);
    } else {
      queue.add(transaction);
    }
    return answer;
  }

  @Override
  public <T> CompletableFuture<T> read(Function<KeyView, T> reading) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    queue.add(() -> answer.complete(reading.apply(store)));
    return answer;
  }

  @Override
  public CompletableFuture<Long> grant(long ttlSeconds) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    queue.add(
        () -> {
          lease(++granted);
          answer.complete(granted);
        });
    return answer;
  }

  @Override
  public Watching watch(List<KeyRange> ranges, long firstRevision, Watcher watcher) {
    List<Watch> begun = new ArrayList<>();
    for (KeyRange range : ranges) {
      Watch watch = new Watch(range, firstRevision, watcher);
      begun.add(watch);
      queue.add(watch::begin);
    }
    watches.addAll(begun);
    return () -> begun.forEach(Watch::close);
  }

  /** Of one range. */
  private final class Watch {
    private final KeyRange range;
    private final Watcher watcher;
    private long nextRevision;
    private boolean begun;
    private boolean over;

    Watch(KeyRange range, long firstRevision, Watcher watcher) {
      this.range = range;
      this.nextRevision = firstRevision;
      this.watcher = watcher;
    }

    void begin() {
      if (over) {
        return;
      }
      Status why = refusal;
      if (why == null && nextRevision < store.compactedRevision()) {
        why = Status.OUT_OF_RANGE.withDescription("compacted");
      }
      if (why != null) {
        over = true;
        watcher.ended(why);
        return;
      }
      begun = true;
      for (long revision = nextRevision; revision <= store.revision(); revision++) {
        List<KeyEvent> events = new ArrayList<>();
        store.forEachEvent(revision, revision, events::add);
        tell(revision, events);
      }
    }

    void tell(long revision, List<KeyEvent> events) {
      List<KeyEvent> matching =
          events.stream().filter(event -> range.contains(event.key())).toList();
      if (begun && !over && revision >= nextRevision && !matching.isEmpty()) {
        watcher.changed(revision, matching);
      }
      nextRevision = Math.max(nextRevision, revision + 1);
    }

    void close() {
      over = true;
      watches.remove(this);
    }
  }

  @Override
  public void changed(long revision, List<KeyEvent> events) {
    for (Watch watch : List.copyOf(watches)) {
      if (watch.begun) {
        queue.add(() -> watch.tell(revision, events));
      }
    }
  }

  @Override
  public void deletedAttached(long revision, long leaseId) {
    throw new IllegalStateException("lease " + leaseId + " has more keys than tests have");
  }

  @Override
  public void compacted(long revision) {}
}
