package io.leasehold.raft.jraft.lead;

import io.leasehold.core.time.NanoClock;

/**
 * The time for which this member is certain that nobody else leads: from a round of heartbeats that
 * a majority answered, for as long as the answering members refuse votes (see {@link VoteGate}),
 * less a margin for clock rates.
 *
 * <p>Any thread may ask; leadership events and rounds report from their own threads.
 */
public final class LeaderLease {
  private static final long NONE = 0;

  private final NanoClock clock;
  private volatile long ledTerm = NONE;
  private volatile boolean held;
  private volatile long validUntilNanos;
  private volatile boolean suspended;
  private volatile long suspendedUntilNanos;

  public LeaderLease(NanoClock clock) {
    this.clock = clock;
  }

  /** Notes that this member leads {@code term}; the lease begins with the first round. */
  public synchronized void lead(long term) {
    held = false;
    ledTerm = term;
  }

  /** Notes that this member leads no more. */
  public synchronized void drop() {
    held = false;
    ledTerm = NONE;
  }

  /**
   * Gives the lease up, and takes no other for {@code nanos}: somebody else may be made leader
   * meanwhile.
   */
  public synchronized void suspend(long nanos) {
    held = false;
    suspendedUntilNanos = clock.nanoTime() + nanos;
    suspended = true;
  }

  /**
   * Notes a round of heartbeats of {@code term}, sent at {@code sentNanos}, that a majority
   * answered.
   *
   * @param nanos length of the lease
   */
  public synchronized void confirm(long term, long sentNanos, long nanos) {
    if (ledTerm != term) {
      return;
    }
    if (suspended) {
      if (sentNanos - suspendedUntilNanos < 0) {
        return;
      }
      suspended = false;
    }
    long until = sentNanos + nanos;
    if (!held || until - validUntilNanos > 0) {
      validUntilNanos = until;
      held = true;
    }
  }

  /**
   * Tells whether this member certainly led {@code term} at some moment within this call. The clock
   * is read first: whoever takes the lease away does so before a successor can exist, so a lease
   * still there afterwards was good at that reading.
   */
  public boolean isCertain(long term) {
    long now = clock.nanoTime();
    return held && now - validUntilNanos < 0 && ledTerm == term;
  }
}
