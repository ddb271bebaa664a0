package io.leasehold.cluster;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Makes one call after the other on a thread of its own, and notes the longest wait. */
final class Caller implements AutoCloseable {
  /** A call to be made; returns when it is answered. */
  interface Call {
    void make();
  }

  private final Thread thread;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean isOver;
  private long lastNanos = System.nanoTime();
  private long longestNanos;
  private long answers;

  Caller(String name, Call call) {
    thread = new Thread(() -> run(call), name);
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Call call) {
    try {
      while (!isOver) {
        call.make();
        answered();
      }
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private synchronized void answered() {
    long now = System.nanoTime();
    longestNanos = Math.max(longestNanos, now - lastNanos);
    lastNanos = now;
    answers++;
  }

  /** Forgets what was noted. */
  synchronized void reset() {
    lastNanos = System.nanoTime();
    longestNanos = 0;
    answers = 0;
  }

  synchronized long answers() {
    return answers;
  }

  /** Returns the longest time from one answer to the next, that since the last included. */
  synchronized double longestMillis() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError(thread.getName() + " failed", cause);
    }
    return Math.max(longestNanos, System.nanoTime() - lastNanos) / 1e6;
  }

  @Override
  public void close() {
    isOver = true;
  }
}
