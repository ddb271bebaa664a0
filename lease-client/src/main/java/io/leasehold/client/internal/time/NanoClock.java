package io.leasehold.client.internal.time;

/**
 * A monotonic clock of this process. Values are compared by subtraction. Any thread may read it.
 */
@FunctionalInterface
public interface NanoClock {
  /** Returns the current reading in nanoseconds. */
  long nanoTime();
}
