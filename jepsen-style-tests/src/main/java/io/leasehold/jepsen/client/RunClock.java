package io.leasehold.jepsen.client;

/** The one clock of a run: nanoseconds since it was made. For any number of threads. */
public final class RunClock {
  private final long startNanos = System.nanoTime();

  public long nowNanos() {
    return System.nanoTime() - startNanos;
  }
}
