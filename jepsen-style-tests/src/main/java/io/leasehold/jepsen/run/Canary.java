package io.leasehold.jepsen.run;

import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.history.Stall;
import java.util.function.Consumer;

/** Notices when the harness itself does not run: sleeps a little, and notes when it slept long. */
final class Canary implements AutoCloseable {
  private static final long SLEEP_MILLIS = 10;

  /** Sleeping is never exact. */
  private static final long STALL_NANOS_MIN = 50_000_000;

  private static final long END_MILLIS_MAX = 2000;

  private final RunClock clock;
  private final Consumer<? super Stall> history;
  private final Thread thread = new Thread(this::watch, "canary");

  Canary(RunClock clock, Consumer<? super Stall> history) {
    this.clock = clock;
    this.history = history;
    thread.setDaemon(true);
  }

  void begin() {
    thread.start();
  }

  private void watch() {
    try {
      while (true) {
        long fromNanos = clock.nowNanos();
        Thread.sleep(SLEEP_MILLIS);
        long toNanos = clock.nowNanos();
        if (toNanos - fromNanos >= STALL_NANOS_MIN) {
          history.accept(new Stall(fromNanos, toNanos));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(END_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
