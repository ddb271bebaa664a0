package io.leasehold.core.lessor;

import io.leasehold.core.time.NanoClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that moves when told to. */
final class FakeClock implements NanoClock {
  private final AtomicLong nanos;

  FakeClock(long startNanos) {
    nanos = new AtomicLong(startNanos);
  }

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }
}
