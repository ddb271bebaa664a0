package io.leasehold.testkit;

import io.leasehold.core.time.NanoClock;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The time by which the leases of one cluster last: that of the process, and whatever it was put
 * forward by. Any thread.
 */
final class LeaseTime implements NanoClock {
  private final NanoClock process;
  private final AtomicLong aheadNanos = new AtomicLong();

  LeaseTime(NanoClock process) {
    this.process = process;
  }

  @Override
  public long nanoTime() {
    // In this order: both only grow, so what was read never goes back.
    return aheadNanos.get() + process.nanoTime();
  }

  /** Puts the time forward for all members at once. */
  void advance(long nanos) {
    aheadNanos.addAndGet(nanos);
  }

  /** Returns a clock for one member. */
  MemberClock forMember() {
    return new MemberClock(this);
  }

  /**
   * One member's clock, which stands still while the member is paused and shows the time of all
   * others afterwards. That is what a process finds that was stopped and continued.
   */
  static final class MemberClock implements NanoClock {
    private final NanoClock time;
    private @Nullable Long stoppedAt;

    private MemberClock(NanoClock time) {
      this.time = time;
    }

    /** Under a lock, so that nobody reads more than where it stops. */
    @Override
    public synchronized long nanoTime() {
      return stoppedAt == null ? time.nanoTime() : stoppedAt;
    }

    synchronized void stop() {
      stoppedAt = nanoTime();
    }

    synchronized void go() {
      stoppedAt = null;
    }
  }
}
