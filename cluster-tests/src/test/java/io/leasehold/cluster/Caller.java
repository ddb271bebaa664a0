package io.leasehold.cluster;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls at a steady pace on a thread of its own, and notes the longest wait. A call that is
 * late because the one before it was counts from when it was due.
 */
final class Caller implements AutoCloseable {
  /** A call to be made; returns when it is answered. */
  interface Call {
    void make();
  }

  private final Thread thread;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean isOver;
  private final long intervalNanos;
  private long dueNanos = System.nanoTime();
  private long longestNanos;
  private long answers;

  Caller(String name, Duration interval, Call call) {
    this.intervalNanos = interval.toNanos();
    thread = new Thread(() -> run(call), name);
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Call call) {
    try {
      while (!isOver) {
        Conditions.letPass(Duration.ofNanos(due() - System.nanoTime()));
        call.make();
        answered();
      }
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private synchronized void answered() {
    longestNanos = Math.max(longestNanos, System.nanoTime() - dueNanos);
    dueNanos += intervalNanos;
    answers++;
  }

  private synchronized long due() {
    return dueNanos;
  }

  /** Forgets what was noted. */
  synchronized void reset() {
    dueNanos = System.nanoTime();
    longestNanos = 0;
    answers = 0;
  }

  synchronized long answers() {
    return answers;
  }

  /** Returns the longest time from when a call was due to its answer, if need be up to now. */
  synchronized double longestMillis() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError(thread.getName() + " failed", cause);
    }
    return Math.max(longestNanos, System.nanoTime() - dueNanos) / 1e6;
  }

  @Override
  public void close() {
    isOver = true;
  }
}
