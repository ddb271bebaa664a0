package io.leasehold.bench.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Lanes at work on their event loops, seen from the thread that wants their figures. */
public final class Load implements AutoCloseable {
  /** For answers that are still to come when the lanes have been told to stop. */
  private static final Duration DRAIN_MAX = Duration.ofSeconds(10);

  private static final Duration STEP = Duration.ofSeconds(1);

  /** Told about once a second while somebody waits. */
  public interface Progress {
    /** No word. */
    Progress NONE = (seconds, perSecond) -> {};

    void at(double seconds, double perSecond);
  }

  private final List<LaneLoop> loops;
  private boolean isStopped;

  private Load(List<LaneLoop> loops) {
    this.loops = loops;
  }

  /** Starts lanes that begin their next operation as soon as the last one is over. */
  public static Load closedLoop(Collection<? extends Lane> lanes) {
    return start(lanes, 0);
  }

  /**
   * Returns the lanes of several groups, one of each in turn. At a fixed rate lanes work in the
   * order in which they are started: those of one member in a row would be all that works for a
   * while, and if that member is down, nobody would be seen to be served although all others are.
   */
  public static List<Lane> inTurns(List<? extends List<? extends Lane>> groups) {
    List<Lane> lanes = new ArrayList<>();
    int longest = groups.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      for (List<? extends Lane> group : groups) {
        if (i < group.size()) {
          lanes.add(group.get(i));
        }
      }
    }
    return lanes;
  }

  /**
   * Starts lanes that share operations which are due at a fixed rate.
   *
   * @param ratePerSecond of all together; 0 for a closed loop
   */
  public static Load start(Collection<? extends Lane> lanes, double ratePerSecond) {
    Map<EventLoop, LaneLoop> loops = new LinkedHashMap<>();
    lanes.forEach(lane -> loops.computeIfAbsent(lane.eventLoop(), LaneLoop::new).add(lane));
    for (LaneLoop loop : loops.values()) {
      double share = ratePerSecond * loop.size() / lanes.size();
      loop.eventLoop().execute(() -> loop.start(share));
    }
    return new Load(List.copyOf(loops.values()));
  }

  /** How many operations were done since the start. */
  public long operations() {
    return loops.stream().mapToLong(LaneLoop::operations).sum();
  }

  private CompletableFuture<Void> finished() {
    return CompletableFuture.allOf(
        loops.stream().map(LaneLoop::finished).toArray(CompletableFuture[]::new));
  }

  /** Lets it run for a while, or until nothing is left to do; returns whether something is left. */
  public boolean run(Duration length, Progress progress) throws InterruptedException {
    long beginNanos = System.nanoTime();
    long before = operations();
    long atNanos = beginNanos;
    while (true) {
      long leftNanos = length.toNanos() - (System.nanoTime() - beginNanos);
      if (leftNanos <= 0) {
        return true;
      }
      if (isFinishedWithin(Math.min(leftNanos, STEP.toNanos()))) {
        return false;
      }
      long nowNanos = System.nanoTime();
      long now = operations();
      progress.at((nowNanos - beginNanos) / 1e9, (now - before) * 1e9 / (nowNanos - atNanos));
      before = now;
      atNanos = nowNanos;
    }
  }

  private boolean isFinishedWithin(long nanos) throws InterruptedException {
    try {
      finished().get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns what happened since the last cut, or since the start. */
  public Account cut() throws InterruptedException {
    Account all = new Account();
    for (Account part : onEachLoop(LaneLoop::cut)) {
      all.add(part);
    }
    return all;
  }

  /** Tells the lanes to begin nothing more, and waits for what is outstanding. */
  public void stop() throws InterruptedException {
    if (isStopped) {
      return;
    }
    isStopped = true;
    onEachLoop(
        loop -> {
          loop.stop();
          return loop;
        });
    boolean unused = isFinishedWithin(DRAIN_MAX.toNanos());
    onEachLoop(
        loop -> {
          loop.end();
          return loop;
        });
  }

  private <T> List<T> onEachLoop(Function<LaneLoop, T> action) throws InterruptedException {
    List<CompletableFuture<T>> results = new ArrayList<>();
    for (LaneLoop loop : loops) {
      results.add(CompletableFuture.supplyAsync(() -> action.apply(loop), loop.eventLoop()));
    }
    List<T> all = new ArrayList<>();
    for (CompletableFuture<T> result : results) {
      try {
        all.add(result.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    return all;
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
