package io.leasehold.jepsen.cluster;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Bounded waits for something to become true. */
public final class Waits {
  private static final long POLL_MILLIS = 20;

  private Waits() {}

  /**
   * Waits until the condition holds; a condition that throws does not hold yet. Returns whether it
   * held in time.
   */
  public static boolean until(Duration max, Callable<Boolean> condition) {
    long deadlineNanos = System.nanoTime() + max.toNanos();
    do {
      try {
        if (condition.call()) {
          return true;
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (Exception e) {
        // Members under faults refuse and time out; only the deadline decides.
      }
      pause(Duration.ofMillis(POLL_MILLIS));
    } while (System.nanoTime() - deadlineNanos < 0);
    return false;
  }

  /** Waits, at most so long, for a condition that must come to hold. */
  public static void await(String what, Duration max, Callable<Boolean> condition) {
    if (!until(max, condition)) {
      throw new ClusterException("not within " + max.toMillis() + " ms: " + what);
    }
  }

  /** Lets time pass that a scenario is about. */
  public static void pause(Duration length) {
    try {
      Thread.sleep(length.toMillis());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static ClusterException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ClusterException("interrupted", e);
  }
}
