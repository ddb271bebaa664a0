package io.leasehold.cli.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Reads this machine's clocks, and lets time pass. Any thread. */
public interface Clocks {
  /** Returns nanoseconds of the monotonic clock. */
  long nanoTime();

  /** Returns milliseconds since 1970 by the wall clock, which may jump; for showing alone. */
  long wallMillis();

  /** Returns after a time, or earlier when the thread is interrupted. */
  void pause(Duration most) throws InterruptedException;

  /** Returns the real clocks. */
  static Clocks system() {
    return new Clocks() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public long wallMillis() {
        return System.currentTimeMillis();
      }

      @Override
      public void pause(Duration most) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(most.toNanos());
      }
    };
  }
}
