package io.leasehold.server.watch;

import io.leasehold.core.key.KeyView;
import io.leasehold.server.watch.Watcher.State;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves watchers that are behind, in groups that are at about the same revision, each with one
 * {@link Sweep} at a time so that none holds up the others for long.
 *
 * <p>Three lanes: who needs nothing but recent changes is served from memory on the dispatcher;
 * recent changes with what keys were before, and old changes, are read by readers, one sweep of
 * each kind at a time. Confined to the dispatcher thread, but for what readers run.
 */
final class CatchUp {
  private static final Logger log = LoggerFactory.getLogger(CatchUp.class);

  /** Watchers served by one sweep. */
  private static final int GROUP_MAX = 512;

  /** How far apart watchers of one group are: those ahead wait for the others. */
  private static final long GROUP_REVISIONS_MAX = 4096;

  /** Watchers looked at to find a group. */
  private static final int SCAN_MAX = 4096;

  /** What becomes of watchers that were served. On the dispatcher thread. */
  interface Outcome {
    /** Everything wanted up to {@code throughRevision} is in the collector. */
    void served(Collector collector, long throughRevision);

    /** What the watcher wants next is gone. */
    void compacted(Watcher watcher, long compactedRevision);

    /** The storage failed. */
    void failed(Watcher watcher);
  }

  private final RecentChanges recent;
  private final HistoryReads reads;
  private final Executor readers;
  private final Consumer<Runnable> dispatcher;
  private final Outcome outcome;
  private final Lane fromMemory = new Lane();
  private final Lane withPrevious = new Lane();
  private final Lane fromDisk = new Lane();

  /**
   * @param readers may block; two threads are enough
   * @param dispatcher runs what it is given on the dispatcher thread
   */
  CatchUp(
      RecentChanges recent,
      HistoryReads reads,
      Executor readers,
      Consumer<Runnable> dispatcher,
      Outcome outcome) {
    this.recent = recent;
    this.reads = reads;
    this.readers = readers;
    this.dispatcher = dispatcher;
    this.outcome = outcome;
  }

  /** Queues a watcher that is behind. */
  void add(Watcher watcher) {
    watcher.state = State.QUEUED;
    if (watcher.nextRevision < recent.first()) {
      fromDisk.queue.add(watcher);
    } else if (watcher.spec.wantsPrevious()) {
      withPrevious.queue.add(watcher);
    } else {
      fromMemory.queue.add(watcher);
    }
  }

  /** Forgets a watcher that ends while it is queued. */
  void remove(Watcher watcher) {
    fromMemory.queue.remove(watcher);
    withPrevious.queue.remove(watcher);
    fromDisk.queue.remove(watcher);
  }

  /**
   * Serves one group from memory and sets readers to work.
   *
   * @param dispatchedRevision as far as watchers are to be brought
   * @return whether there is more to do at once
   */
  boolean step(long dispatchedRevision) {
    List<Watcher> group = fromMemory.group();
    if (!group.isEmpty()) {
      Job job = new Job(fromMemory, group, dispatchedRevision);
      if (job.takeRecent()) {
        job.sweepRecent(null);
        job.finish();
      }
    }
    readRecent(dispatchedRevision);
    readHistory(dispatchedRevision);
    return !fromMemory.queue.isEmpty();
  }

  private void readRecent(long dispatchedRevision) {
    if (withPrevious.isBusy) {
      return;
    }
    List<Watcher> group = withPrevious.group();
    if (!group.isEmpty()) {
      Job job = new Job(withPrevious, group, dispatchedRevision);
      if (job.takeRecent()) {
        job.start(() -> reads.read(job::sweepRecent));
      }
    }
  }

  private void readHistory(long dispatchedRevision) {
    if (fromDisk.isBusy) {
      return;
    }
    List<Watcher> group = fromDisk.group();
    if (!group.isEmpty()) {
      Job job = new Job(fromDisk, group, dispatchedRevision);
      job.start(() -> reads.read(job::sweepHistory));
    }
  }

  /** Watchers that are served in the same way. */
  private static final class Lane {
    final Set<Watcher> queue = new LinkedHashSet<>();
    boolean isBusy;

    /** The last read failed, which it does when a snapshot replaces the state under it. */
    boolean hasFailed;

    /** Takes the first watcher and others near it; those far from it go to the end. */
    List<Watcher> group() {
      List<Watcher> group = new ArrayList<>();
      List<Watcher> far = new ArrayList<>();
      Iterator<Watcher> waiting = queue.iterator();
      for (int i = 0; i < SCAN_MAX && waiting.hasNext() && group.size() < GROUP_MAX; i++) {
        Watcher watcher = waiting.next();
        waiting.remove();
        boolean isNear =
            group.isEmpty()
                || Math.abs(watcher.nextRevision - group.get(0).nextRevision)
                    <= GROUP_REVISIONS_MAX;
        (isNear ? group : far).add(watcher);
      }
      queue.addAll(far);
      return group;
    }
  }

  /** One sweep for one group. */
  private final class Job {
    private final Lane lane;
    private final List<Collector> collectors;
    private final RangeIndex<Collector> index = new RangeIndex<>();
    private final long firstRevision;
    private final long lastRevision;
    private List<Change> changes = List.of();
    private long throughRevision;
    private long compactedRevision;
    private boolean isFailed;

    Job(Lane lane, List<Watcher> group, long lastRevision) {
      this.lane = lane;
      this.collectors = new ArrayList<>(group.size());
      this.lastRevision = lastRevision;
      long first = Long.MAX_VALUE;
      for (Watcher watcher : group) {
        first = Math.min(first, watcher.nextRevision);
        Collector collector = new Collector(watcher, watcher.nextRevision);
        collectors.add(collector);
        index.add(watcher.spec.range(), collector);
      }
      this.firstRevision = first;
    }

    /** Takes what is needed of the recent changes; if it is gone, queues the group anew. */
    boolean takeRecent() {
      List<Change> slice = recent.slice(firstRevision, lastRevision, Sweep.EVENTS_MAX);
      if (slice == null) {
        collectors.forEach(collector -> add(collector.watcher));
        return false;
      }
      changes = slice;
      return true;
    }

    void start(Runnable read) {
      lane.isBusy = true;
      collectors.forEach(collector -> collector.watcher.state = State.READING);
      readers.execute(
          () -> {
            try {
              read.run();
            } catch (RuntimeException | Error e) {
              log.warn("cannot read history for watchers: {}", e.toString());
              isFailed = true;
            }
            dispatcher.accept(
                () -> {
                  lane.isBusy = false;
                  finish();
                });
          });
    }

    void sweepRecent(@Nullable KeyView view) {
      Sweep sweep = new Sweep(index, view);
      sweep.over(changes);
      throughRevision = sweep.throughRevision();
    }

    void sweepHistory(KeyView view) {
      compactedRevision = view.compactedRevision();
      if (view.revision() < lastRevision) {
        throw new IllegalStateException(
            "the view is at revision " + view.revision() + ", changes came up to " + lastRevision);
      }
      long first = Math.max(firstRevision, compactedRevision);
      if (first <= lastRevision) {
        Sweep sweep = new Sweep(index, view);
        sweep.over(view, first, lastRevision);
        throughRevision = sweep.throughRevision();
      }
    }

    void finish() {
      boolean isRepeated = isFailed && !lane.hasFailed;
      lane.hasFailed = isFailed;
      for (Collector collector : collectors) {
        Watcher watcher = collector.watcher;
        if (watcher.state == State.GONE) {
          continue;
        }
        if (isRepeated) {
          add(watcher);
        } else if (isFailed) {
          outcome.failed(watcher);
        } else if (watcher.nextRevision < compactedRevision) {
          outcome.compacted(watcher, compactedRevision);
        } else {
          outcome.served(collector, throughRevision);
        }
      }
    }
  }
}
