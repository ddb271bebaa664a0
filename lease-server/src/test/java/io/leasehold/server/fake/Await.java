package io.leasehold.server.fake;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition, for at most ten seconds. */
public final class Await {
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private Await() {}

  public static void until(BooleanSupplier condition) {
    long startNanos = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - startNanos > LONGEST_NANOS) {
        throw new AssertionError("the condition did not come true within ten seconds");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
