package io.leasehold.client.internal.time;

/** The monotonic clock of this process: the one place that reads it. */
public final class SystemNanoClock implements NanoClock {
  @Override
  public long nanoTime() {
    return System.nanoTime();
  }
}
