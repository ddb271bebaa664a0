package io.leasehold.bench.load;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The lanes of one event loop. In a closed loop each begins its next operation when its last one is
 * over. At a fixed rate operations are due at equal distances; one that is due while no lane is
 * free waits, and its time counts from when it was due. Confined to its event loop.
 */
final class LaneLoop {
  private static final long TICK_MICROS = 500;

  /** After a failure, so that a member that is gone is not asked a million times. */
  private static final long PAUSE_MILLIS = 5;

  private final EventLoop eventLoop;
  private final List<Lane> lanes = new ArrayList<>();
  private final ArrayDeque<Lane> idle = new ArrayDeque<>();
  private final AtomicLong operations = new AtomicLong();
  private final CompletableFuture<Void> finished = new CompletableFuture<>();
  private Account account = new Account();
  private double intervalNanos;
  private double nextNanos;
  private long originNanos;
  private long lastNanos;
  private int working;
  private boolean isStopping;

  LaneLoop(EventLoop eventLoop) {
    this.eventLoop = eventLoop;
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  void add(Lane lane) {
    lanes.add(lane);
    lane.join(this);
  }

  int size() {
    return lanes.size();
  }

  /** Completes when no lane works any more, by itself or because it was told to stop. */
  CompletableFuture<Void> finished() {
    return finished;
  }

  /** How many operations were done since the start; from any thread. */
  long operations() {
    return operations.get();
  }

  /**
   * @param ratePerSecond 0 for a closed loop
   */
  void start(double ratePerSecond) {
    long nowNanos = System.nanoTime();
    originNanos = nowNanos;
    account = new Account(nowNanos);
    lastNanos = nowNanos;
    working = lanes.size();
    if (ratePerSecond == 0) {
      lanes.forEach(lane -> next(lane, nowNanos));
      return;
    }
    intervalNanos = TimeUnit.SECONDS.toNanos(1) / ratePerSecond;
    idle.addAll(lanes);
    tick();
  }

  private void tick() {
    long nowNanos = System.nanoTime();
    while (isDue(nowNanos)) {
      Lane lane = idle.poll();
      if (lane == null) {
        break;
      }
      next(lane, nowNanos);
    }
    if (isStopping) {
      for (Lane lane = idle.poll(); lane != null; lane = idle.poll()) {
        retire();
      }
    } else {
      var unused = eventLoop.schedule(this::tick, TICK_MICROS, TimeUnit.MICROSECONDS);
    }
  }

  private boolean isDue(long nowNanos) {
    return nowNanos - originNanos >= nextNanos;
  }

  /** Finds what a lane that is free has to do. */
  private void next(Lane lane, long nowNanos) {
    if (isStopping) {
      retire();
      return;
    }
    long intendedNanos = nowNanos;
    if (intervalNanos > 0) {
      if (!isDue(nowNanos)) {
        idle.add(lane);
        return;
      }
      intendedNanos = originNanos + (long) nextNanos;
      nextNanos += intervalNanos;
    }
    if (!lane.beginAt(intendedNanos, nowNanos)) {
      retire();
    }
  }

  private void retire() {
    working--;
    if (working == 0) {
      finished.complete(null);
    }
  }

  void done(Lane lane, long nowNanos) {
    account.done(nowNanos - lane.begunNanos(), nowNanos);
    operations.lazySet(operations.getPlain() + 1);
    lastNanos = nowNanos;
    next(lane, nowNanos);
  }

  void failed(Lane lane, Status.Code code, String message, long nowNanos) {
    account.failed(code, message);
    lastNanos = nowNanos;
    var unused =
        eventLoop.schedule(
            () -> next(lane, System.nanoTime()), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  void record(String series, long nanos) {
    account.record(series, nanos);
  }

  /** Ends the span that began with the last cut, and returns what happened in it. */
  Account cut() {
    // Where nothing is left to do the span ended with the last operation.
    long nowNanos = finished.isDone() ? lastNanos : System.nanoTime();
    Account cut = account;
    cut.endAt(nowNanos);
    account = new Account(nowNanos);
    return cut;
  }

  void stop() {
    isStopping = true;
  }

  void end() {
    lanes.forEach(Lane::end);
  }
}
