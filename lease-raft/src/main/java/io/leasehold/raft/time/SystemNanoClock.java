package io.leasehold.raft.time;

import io.leasehold.core.time.NanoClock;

/** The monotonic clock of this process: the one place that reads it. */
public final class SystemNanoClock implements NanoClock {
  @Override
  public long nanoTime() {
    return System.nanoTime();
  }
}
