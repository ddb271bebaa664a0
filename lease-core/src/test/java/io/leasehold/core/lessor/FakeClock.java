package io.leasehold.core.lessor;

import io.leasehold.core.time.NanoClock;
import java.time.Duration;

/** A clock that moves when told to. */
final class FakeClock implements NanoClock {
  private volatile long nanos;

  FakeClock(long startNanos) {
    this.nanos = startNanos;
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  void advance(Duration by) {
    nanos += by.toNanos();
  }
}
