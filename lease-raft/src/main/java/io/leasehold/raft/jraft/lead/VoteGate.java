package io.leasehold.raft.jraft.lead;

import io.leasehold.core.time.NanoClock;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a member from granting or asking for votes while it must assume a live leader (Raft
 * dissertation, section 6.4.1, and stricter): for the stickiness window after it last heard from
 * one, and after its own start, when it has forgotten whom it heard. The leader lease rests on
 * this.
 *
 * <p>A deliberate transfer of leadership passes: the old leader has given its lease up before it
 * told the successor to start.
 *
 * <p>Any thread. Hearing from the leader is two volatile accesses; only while a vote is being
 * considered does it wait for that.
 */
public final class VoteGate {
  /**
   * Share of a leader's election timeout for which it is assumed to live; its lease is shorter, by
   * more than clocks differ.
   */
  public static final double STICKINESS_SHARE = 0.8;

  /** A leader's word that this member is to succeed it, in the term after the leader's. */
  private record Appointment(long electionTerm, long untilNanos) {}

  private final NanoClock clock;
  private final long windowNanos;
  private final long transferWindowNanos;
  private final AtomicInteger votesUnderWay = new AtomicInteger();
  private final Object voting = new Object();
  private final Object hearing = new Object();
  private long highestLeaderTerm;
  private volatile long heardNanos;
  private volatile long leaderWindow;
  private volatile @Nullable Appointment appointment;

  /**
   * @param windowNanos how long a leader is assumed to live after it was heard
   * @param transferWindowNanos how long a member that was told to start an election may pass for a
   *     successor
   */
  public VoteGate(NanoClock clock, long windowNanos, long transferWindowNanos) {
    this.clock = clock;
    this.windowNanos = windowNanos;
    this.transferWindowNanos = transferWindowNanos;
    this.heardNanos = clock.nanoTime();
  }

  /** Returns for how long a leader with this election timeout is assumed to live. */
  public static long window(long electionTimeoutNanos) {
    return (long) (electionTimeoutNanos * STICKINESS_SHARE);
  }

  /**
   * Notes a message from the leader of {@code term}, before it is handled: by the time the leader
   * learns that this member answered, no vote that was considered without knowledge of it can still
   * be granted.
   *
   * @param leaderWindowNanos how long this leader counts on being assumed to live; members may have
   *     been given different election timeouts
   */
  public void leaderHeard(long term, long leaderWindowNanos) {
    synchronized (hearing) {
      if (term < highestLeaderTerm) {
        return; // a deposed leader: its messages are refused and prove nothing
      }
      highestLeaderTerm = term;
      leaderWindow = leaderWindowNanos;
      // Read in here, so that a thread that was held up never puts the moment back.
      heardNanos = clock.nanoTime();
    }
    if (votesUnderWay.get() > 0) {
      synchronized (voting) {
        // Wait for the vote that may have been let through just before.
      }
    }
  }

  /**
   * Considers a vote that another member asks for, unless a live leader must be assumed; returns
   * null when it was not considered.
   *
   * @param transfer whether the request follows from a transfer of leadership
   */
  public <T> @Nullable T considerVote(boolean transfer, Supplier<T> vote) {
    votesUnderWay.incrementAndGet();
    try {
      synchronized (voting) {
        if (!transfer && assumesLiveLeader()) {
          return null;
        }
        return vote.get();
      }
    } finally {
      votesUnderWay.decrementAndGet();
    }
  }

  /**
   * Tells whether this member may ask others for their votes in an election of {@code term}, or
   * whether they would give them.
   */
  public boolean mayAskForVotes(long term, boolean preVote) {
    return isSuccessor(term, preVote) || !assumesLiveLeader();
  }

  /**
   * Notes that the leader of {@code term} told this member to start an election. A word that comes
   * late, in a term that is over, leads to no election of the term after it, and so to nothing.
   */
  public void appointedSuccessor(long term) {
    appointment = new Appointment(term + 1, clock.nanoTime() + transferWindowNanos);
  }

  /** Tells whether this member's election of {@code term} follows from a transfer. */
  public boolean isSuccessor(long term, boolean preVote) {
    Appointment current = appointment;
    return current != null
        && !preVote
        && current.electionTerm() == term
        && clock.nanoTime() - current.untilNanos() < 0;
  }

  /** Returns for how long no leader was heard, or since the start. */
  public long silenceNanos() {
    return clock.nanoTime() - heardNanos;
  }

  /** Tells whether the last leader that was heard led {@code term}. */
  public boolean wasLastHeardIn(long term) {
    synchronized (hearing) {
      return term == highestLeaderTerm;
    }
  }

  private boolean assumesLiveLeader() {
    return silenceNanos() < Math.max(windowNanos, leaderWindow);
  }
}
