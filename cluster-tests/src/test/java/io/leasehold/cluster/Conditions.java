package io.leasehold.cluster;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Bounded waits for something to become true. */
public final class Conditions {
  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  private Conditions() {}

  /** Waits until the condition holds; a condition that throws does not hold yet. */
  public static void await(String what, Duration max, Callable<Boolean> condition) {
    long deadlineNanos = System.nanoTime() + max.toNanos();
    Exception last = null;
    do {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(POLL_NANOS);
    } while (System.nanoTime() - deadlineNanos < 0);
    throw new AssertionError("not within " + max.toMillis() + " ms: " + what, last);
  }

  /** Waits until the supplier returns something, and returns it. */
  public static <T> T awaitValue(String what, Duration max, Callable<@Nullable T> supplier) {
    var found = new java.util.concurrent.atomic.AtomicReference<@Nullable T>();
    await(
        what,
        max,
        () -> {
          found.set(supplier.call());
          return found.get() != null;
        });
    T value = found.get();
    if (value == null) {
      throw new AssertionError(what);
    }
    return value;
  }

  /** Lets time pass that a scenario is about, such as how long a member stays frozen. */
  public static void letPass(Duration duration) {
    long deadlineNanos = System.nanoTime() + duration.toNanos();
    for (long left; (left = deadlineNanos - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
  }
}
