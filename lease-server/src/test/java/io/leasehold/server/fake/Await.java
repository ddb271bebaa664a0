package io.leasehold.server.fake;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition. */
public final class Await {
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private Await() {}

  /** Waits for ten seconds at most, and fails then. */
  public static void until(BooleanSupplier condition) {
    if (!within(LONGEST_NANOS, condition)) {
      throw new AssertionError("the condition did not come true within ten seconds");
    }
  }

  /** Tells whether the condition comes true soon, where it may well not. */
  public static boolean soon(BooleanSupplier condition) {
    return within(SOON_NANOS, condition);
  }

  private static boolean within(long nanos, BooleanSupplier condition) {
    long startNanos = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - startNanos > nanos) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }
}
