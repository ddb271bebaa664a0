package io.leasehold.server.watch;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.leasehold.server.watch.Watcher.State;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells watchers of changes: each of everything it wants, once, in order of revisions and none of
 * them in parts.
 *
 * <p>The apply thread only leaves changes in {@link RecentChanges}, by way of the {@link
 * ChangeIntake}, and wakes the dispatcher. The dispatcher sweeps over them for all synced watchers
 * at once, and lets {@link CatchUp} bring the others up to the revision dispatched last, at which
 * they become synced: both happen on the dispatcher thread, between sweeps, so no change falls
 * between the two or is told twice.
 *
 * <p>What is held in memory: the recent changes ({@code recentBytesMax} and one change); of a
 * watcher its wishes and a revision, some 500 bytes, for at most {@link #WATCHERS_MAX} of them; for
 * each stream what its sink takes until it is not ready; and the messages of at most three sweeps.
 * A watcher whose stream takes nothing more falls behind at the revision it could not be told of,
 * and whatever was collected for it is dropped.
 */
public final class WatchHub implements KeyListener {
  private static final Logger log = LoggerFactory.getLogger(WatchHub.class);

  /** Watchers of one member. */
  static final int WATCHERS_MAX = 1_000_000;

  /** Watchers of one stream that are served at a time: the rest would find it not ready. */
  static final int SERVED_PER_STREAM_MAX = 256;

  /** Requests dealt with between two sweeps. */
  private static final int REQUESTS_PER_TURN_MAX = 1024;

  private final RecentChanges recent;
  private final ChangeIntake intake;
  private final LongSupplier appliedRevision;
  private final Executor dispatcher;
  private final CatchUp catchUp;
  private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean isWoken = new AtomicBoolean();
  private final AtomicLong compactedRevision = new AtomicLong();

  /* Confined to the dispatcher thread; some are read by others as figures. */

  private final Set<Subscriber> subscribers = new LinkedHashSet<>();
  private final Progress progress = new Progress();
  private final RangeIndex<Collector> synced = new RangeIndex<>();
  private final AtomicInteger watchers = new AtomicInteger();
  private final AtomicInteger syncedWatchers = new AtomicInteger();
  private final AtomicLong eventsSent = new AtomicLong();
  private volatile long dispatchedRevision;

  /**
   * @param recentBytesMax how much of recent changes to keep in memory
   * @param appliedRevision the revision as clients of this member see it; never less than that of a
   *     change handed over
   * @param dispatcher runs one task at a time, in order
   * @param readers may block; two threads are enough
   */
  public WatchHub(
      long recentBytesMax,
      LongSupplier appliedRevision,
      HistoryReads reads,
      Executor dispatcher,
      Executor readers) {
    this.appliedRevision = appliedRevision;
    this.dispatcher = dispatcher;
    reads.read(
        view -> {
          dispatchedRevision = view.revision();
          compactedRevision.set(view.compactedRevision());
        });
    this.recent = new RecentChanges(recentBytesMax, dispatchedRevision);
    this.intake = new ChangeIntake(recent, recentBytesMax, reads, readers, this::wake);
    this.catchUp = new CatchUp(recent, reads, readers, this::submit, new Served());
  }

  /* The apply thread's side. */

  /** Called after the changes have been committed. */
  @Override
  public void changed(long revision, List<KeyEvent> events) {
    intake.add(revision, events);
  }

  /** Called after they have been deleted and committed. */
  @Override
  public void deletedAttached(long revision, long leaseId) {
    if (watchers.get() == 0) {
      intake.skipTo(revision); // nobody waits for it, and whoever comes can read it from disk
    } else {
      intake.addFromHistory(revision);
    }
  }

  @Override
  public void compacted(long revision) {
    compactedRevision.accumulateAndGet(revision, Math::max);
  }

  /** Everybody reads on from disk, up to this revision. Does nothing when it was told before. */
  @Override
  public void reset(long revision) {
    intake.skipTo(revision);
  }

  /* Everybody's side. */

  /** Begins a stream. */
  public Subscriber open(WatchSink sink) {
    Subscriber subscriber = new Subscriber(this, sink);
    submit(() -> subscribers.add(subscriber));
    return subscriber;
  }

  /** Returns how many watchers there are. */
  public int watchers() {
    return watchers.get();
  }

  /** Returns how many of them are behind. */
  public int slowWatchers() {
    return Math.max(0, watchers.get() - syncedWatchers.get());
  }

  /** Returns how many events were sent, counted for each watcher. */
  public long eventsSent() {
    return eventsSent.get();
  }

  /** Returns how many revisions were handed over and not yet dispatched. */
  public long lag() {
    return Math.max(0, intake.last() - dispatchedRevision);
  }

  void submit(Runnable request) {
    requests.add(request);
    wake();
  }

  private void wake() {
    if (isWoken.compareAndSet(false, true)) {
      try {
        dispatcher.execute(this::turn);
      } catch (RejectedExecutionException e) {
        log.debug("the member stops and serves no watchers any more", e);
      }
    }
  }

  /* The dispatcher's side. */

  private void turn() {
    isWoken.set(false);
    try {
      boolean hasMore = answerRequests();
      hasMore |= dispatch();
      hasMore |= catchUp.step(dispatchedRevision);
      progress.answer(dispatchedRevision);
      if (hasMore) {
        wake();
      }
    } catch (RuntimeException | Error e) {
      log.error("watchers cannot be served; their streams are ended", e);
      new ArrayList<>(subscribers).forEach(this::fail);
    }
  }

  private boolean answerRequests() {
    for (int i = 0; i < REQUESTS_PER_TURN_MAX; i++) {
      Runnable request = requests.poll();
      if (request == null) {
        return false;
      }
      request.run();
    }
    return true;
  }

  /** Sweeps over new changes for all synced watchers. */
  private boolean dispatch() {
    long first = dispatchedRevision + 1;
    if (recent.last() < first) {
      return false;
    }
    List<Change> changes = recent.slice(first, Long.MAX_VALUE, Sweep.EVENTS_MAX);
    if (changes == null) {
      skipTo(recent.first() - 1);
      return true;
    }
    Sweep sweep = new Sweep(synced, null);
    sweep.over(changes);
    dispatchedRevision = sweep.throughRevision();
    sweep.touched().forEach(this::tell);
    return recent.last() > dispatchedRevision;
  }

  private void tell(Collector collector) {
    Watcher watcher = collector.watcher;
    long missed = collector.missedRevision();
    if (missed > 0) {
      watcher.nextRevision = missed;
      fallBehind(watcher);
    } else if (!send(collector)) {
      fallBehind(watcher);
    }
    collector.clear();
  }

  /** There is a gap in what is in memory: synced watchers read on from disk. */
  private void skipTo(long revision) {
    long first = dispatchedRevision + 1;
    dispatchedRevision = revision;
    for (Subscriber subscriber : subscribers) {
      for (Watcher watcher : subscriber.watchers.values()) {
        if (watcher.state == State.SYNCED && watcher.nextRevision <= revision) {
          watcher.nextRevision = Math.max(watcher.nextRevision, first);
          fallBehind(watcher);
        }
      }
    }
  }

  /** Sends as much as the sink takes and returns whether that was all. */
  private boolean send(Collector collector) {
    Watcher watcher = collector.watcher;
    WatchSink sink = watcher.subscriber.sink;
    for (Collector.Batch batch : collector.batches()) {
      if (!sink.isReady()) {
        watcher.nextRevision = batch.firstRevision;
        return false;
      }
      watcher.isQuiet = false;
      eventsSent.lazySet(eventsSent.getPlain() + batch.events.size());
      sink.events(watcher.id, batch.lastRevision, batch.events, watcher.spec.mayFragment());
    }
    return true;
  }

  private void sync(Watcher watcher) {
    watcher.state = State.SYNCED;
    watcher.live = new Collector(watcher, watcher.nextRevision);
    synced.add(watcher.spec.range(), watcher.live);
    syncedWatchers.incrementAndGet();
  }

  private void fallBehind(Watcher watcher) {
    unsync(watcher);
    block(watcher);
  }

  private void unsync(Watcher watcher) {
    synced.remove(watcher.spec.range(), watcher.live);
    syncedWatchers.decrementAndGet();
  }

  private void block(Watcher watcher) {
    watcher.state = State.BLOCKED;
    watcher.subscriber.blocked.add(watcher);
    serve(watcher.subscriber);
  }

  /** Has watchers of a stream served, those first that wait longest, if the stream takes more. */
  private void serve(Subscriber subscriber) {
    Iterator<Watcher> blocked = subscriber.blocked.iterator();
    while (blocked.hasNext()
        && subscriber.served < SERVED_PER_STREAM_MAX
        && subscriber.sink.isReady()) {
      Watcher watcher = blocked.next();
      blocked.remove();
      subscriber.served++;
      catchUp.add(watcher);
    }
  }

  private void remove(Watcher watcher) {
    Subscriber subscriber = watcher.subscriber;
    switch (watcher.state) {
      case SYNCED -> unsync(watcher);
      case BLOCKED -> subscriber.blocked.remove(watcher);
      case QUEUED -> {
        catchUp.remove(watcher);
        subscriber.served--;
      }
      case READING -> subscriber.served--;
      case GONE -> {
        return;
      }
    }
    watcher.state = State.GONE;
    subscriber.watchers.remove(watcher.id);
    subscriber.nextLookRevision = 0;
    watchers.decrementAndGet();
    if (!subscriber.isClosed) {
      serve(subscriber); // its turn is another's now
    }
  }

  private void fail(Subscriber subscriber) {
    if (!subscriber.isClosed) {
      subscriber.sink.failed();
      close(subscriber);
    }
  }

  private long currentRevision() {
    return Math.max(recent.last(), appliedRevision.getAsLong());
  }

  /* What subscribers ask for. */

  void create(Subscriber subscriber, long watchId, WatchSpec spec) {
    if (subscriber.isClosed) {
      return;
    }
    WatchSink sink = subscriber.sink;
    long current = currentRevision();
    long start = spec.startRevision();
    if (start < 0) {
      sink.refused(WatchRefusal.NEGATIVE_START, current);
    } else if (spec.range().isEmpty()) {
      sink.refused(WatchRefusal.EMPTY_RANGE, current);
    } else if (watchId != 0 && subscriber.watchers.containsKey(watchId)) {
      sink.refused(WatchRefusal.DUPLICATE_ID, current);
    } else if (watchers.get() >= WATCHERS_MAX) {
      sink.refused(WatchRefusal.TOO_MANY_WATCHERS, current);
    } else {
      long id = watchId == 0 ? subscriber.freeId() : watchId;
      sink.created(id, current);
      long compacted = compactedRevision.get();
      if (start > 0 && start < compacted) {
        sink.compacted(id, current, compacted);
      } else {
        add(new Watcher(subscriber, id, spec, start == 0 ? current + 1 : start));
      }
    }
    sink.handled();
  }

  private void add(Watcher watcher) {
    watcher.subscriber.watchers.put(watcher.id, watcher);
    watchers.incrementAndGet();
    if (watcher.nextRevision > dispatchedRevision) {
      sync(watcher);
    } else {
      block(watcher);
    }
  }

  void cancel(Subscriber subscriber, long watchId) {
    if (subscriber.isClosed) {
      return;
    }
    Watcher watcher = subscriber.watchers.get(watchId);
    if (watcher != null) {
      remove(watcher);
      subscriber.sink.canceled(watchId, currentRevision());
    }
    subscriber.sink.handled();
  }

  void ready(Subscriber subscriber) {
    if (!subscriber.isClosed) {
      serve(subscriber);
    }
  }

  void close(Subscriber subscriber) {
    subscriber.isClosed = true;
    List.copyOf(subscriber.watchers.values()).forEach(this::remove);
    subscribers.remove(subscriber);
    progress.forget(subscriber);
  }

  void requestProgress(Subscriber subscriber) {
    if (subscriber.isClosed) {
      return;
    }
    progress.request(subscriber, currentRevision());
    subscriber.sink.handled();
  }

  void progressDue(Subscriber subscriber) {
    progress.due(subscriber, dispatchedRevision);
  }

  /** What becomes of watchers that were behind. */
  private final class Served implements CatchUp.Outcome {
    @Override
    public void served(Collector collector, long throughRevision) {
      Watcher watcher = collector.watcher;
      watcher.subscriber.served--;
      if (send(collector)) {
        watcher.nextRevision = Math.max(watcher.nextRevision, throughRevision + 1);
        if (watcher.nextRevision > dispatchedRevision) {
          sync(watcher);
          serve(watcher.subscriber);
          return;
        }
      }
      block(watcher);
    }

    @Override
    public void compacted(Watcher watcher, long compacted) {
      remove(watcher);
      watcher.subscriber.sink.compacted(watcher.id, currentRevision(), compacted);
    }

    @Override
    public void failed(Watcher watcher) {
      fail(watcher.subscriber);
    }
  }
}
