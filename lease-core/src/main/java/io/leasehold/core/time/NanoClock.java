package io.leasehold.core.time;

/**
 * A monotonic clock of this process.
 *
 * <p>Values have an arbitrary origin: they are compared by subtraction, never leave the process,
 * and never reach the replicated log. Any thread may read it.
 */
@FunctionalInterface
public interface NanoClock {
  /** Returns the current reading in nanoseconds. */
  long nanoTime();
}
