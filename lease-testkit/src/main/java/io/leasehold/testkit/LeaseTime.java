package io.leasehold.testkit;

import io.leasehold.core.time.NanoClock;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The time by which the leases of one cluster last: that of the process, and whatever it was put
 * forward by. Any thread.
 *
 * <p>It is put forward a step with each reading, until it is where it shall be. So it goes as fast
 * as the lessor looks at it, and the lessor, which takes a larger leap for a pause of its own and
 * would spare leases for as long again, sees none.
 */
final class LeaseTime implements NanoClock {
  private final NanoClock process;
  private final long stepNanos;
  private final AtomicLong aheadNanos = new AtomicLong();
  private final AtomicLong goalNanos = new AtomicLong();

  /**
   * @param stepNanos more than the lessor sleeps, or it would sleep between readings; with twice as
   *     much it must not be taken to have been paused
   */
  LeaseTime(NanoClock process, long stepNanos) {
    this.process = process;
    this.stepNanos = stepNanos;
  }

  @Override
  public long nanoTime() {
    long ahead = aheadNanos.get();
    long goal = goalNanos.get();
    if (ahead < goal) {
      // Whoever comes second finds that the first has put it forward.
      boolean unused = aheadNanos.compareAndSet(ahead, Math.min(ahead + stepNanos, goal));
    }
    // In this order: both only grow, so what was read never goes back.
    return aheadNanos.get() + process.nanoTime();
  }

  /** Has the time put forward for all members, by and by. */
  void advance(long nanos) {
    goalNanos.addAndGet(nanos);
  }

  /** Tells whether the time has been put forward as far as it shall be. */
  boolean isThere() {
    return aheadNanos.get() == goalNanos.get();
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
