package io.leasehold.raft.jraft.lead;

import io.leasehold.core.time.NanoClock;
import java.util.function.LongSupplier;

/**
 * The time for which this member is certain that nobody else leads: from a round of heartbeats that
 * a majority answered, for as long as the answering members refuse votes (see {@link VoteGate}),
 * less a margin for clock rates.
 *
 * <p>The lease answers for the other members only. This member itself may have granted a vote, or
 * seen a later term, long before its apply thread hears that it leads no more; so each answer also
 * takes a look at the current term.
 *
 * <p>Any thread may ask; leadership events and rounds report from their own threads.
 */
public final class LeaderLease {
  private static final long NONE = 0;

  private final NanoClock clock;
  private final LongSupplier currentTerm;
  private volatile long ledTerm = NONE;
  private volatile boolean held;
  private volatile long validUntilNanos;
  private long givenUpTerm = NONE;

  /**
   * @param currentTerm the term this member is in: moves on before this member votes or follows in
   *     a later one
   */
  public LeaderLease(NanoClock clock, LongSupplier currentTerm) {
    this.clock = clock;
    this.currentTerm = currentTerm;
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
   * Gives the lease up for the rest of the current term: another member is about to be told to
   * start an election that voters let pass. No time would do, since nobody knows when that message
   * is read; a later term makes it void.
   */
  public synchronized void giveUp() {
    held = false;
    givenUpTerm = currentTerm.getAsLong();
  }

  /**
   * Notes a round of heartbeats of {@code term}, sent at {@code sentNanos}, that a majority
   * answered.
   *
   * @param nanos length of the lease
   */
  public synchronized void confirm(long term, long sentNanos, long nanos) {
    if (ledTerm != term || givenUpTerm == term) {
      return;
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
   * still there afterwards was good at that reading; and a term that is still the current one
   * afterwards was so then.
   */
  public boolean isCertain(long term) {
    long now = clock.nanoTime();
    return held && now - validUntilNanos < 0 && ledTerm == term && currentTerm.getAsLong() == term;
  }
}
