package io.leasehold.raft.jraft;

import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.Replica.Leadership;
import io.leasehold.raft.jraft.lead.LeaderLease;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Proves that this member leads: from the leader's lease while that holds, from a round of
 * heartbeats otherwise. Renews the lease well before it runs out. Any thread asks; the apply thread
 * begins and ends it.
 */
final class LeadershipProof {
  /**
   * Share of the election timeout for which a round of heartbeats makes a leader certain; voters
   * refuse for longer.
   */
  private static final double LEASE_SHARE = 0.6;

  /** Rounds in an election timeout. */
  private static final int ROUNDS_PER_ELECTION = 5;

  private final LeaderLease lease;
  private final LeadershipView view;
  private final LongSupplier currentTerm;
  private final BooleanSupplier leadsByNode;
  private final HeartbeatRounds rounds;
  private final NanoClock clock;
  private final ScheduledExecutorService timer;
  private final int electionTimeoutMillis;
  private @Nullable ScheduledFuture<?> renewing;

  /**
   * @param currentTerm the term this member is in, as {@link LeaderLease} has it
   * @param leadsByNode tells whether JRaft's node leads, without waiting for its lock
   */
  LeadershipProof(
      LeaderLease lease,
      LeadershipView view,
      LongSupplier currentTerm,
      BooleanSupplier leadsByNode,
      HeartbeatRounds rounds,
      NanoClock clock,
      ScheduledExecutorService timer,
      int electionTimeoutMillis) {
    this.lease = lease;
    this.view = view;
    this.currentTerm = currentTerm;
    this.leadsByNode = leadsByNode;
    this.rounds = rounds;
    this.clock = clock;
    this.timer = timer;
    this.electionTimeoutMillis = electionTimeoutMillis;
  }

  /** Begins to keep the lease of {@code term}; the view shows this member as its leader. */
  void begin(long term) {
    lease.lead(term);
    long periodMillis = Math.max(1, electionTimeoutMillis / ROUNDS_PER_ELECTION);
    renewing =
        timer.scheduleAtFixedRate(
            () -> confirm(term, confirmed -> {}), 0, periodMillis, TimeUnit.MILLISECONDS);
  }

  /** Ends the lease. */
  void end() {
    lease.drop();
    if (renewing != null) {
      renewing.cancel(false);
      renewing = null;
    }
  }

  /** As {@link io.leasehold.raft.Replica#isCertainlyLeader}. */
  boolean isCertain(long term) {
    return lease.isCertain(term);
  }

  /** As {@link io.leasehold.raft.Replica#leaderBarrier}. */
  void barrier(long term, Consumer<Boolean> done) {
    if (lease.isCertain(term)) {
      done.accept(true);
    } else if (!leads(term)) {
      done.accept(false);
    } else {
      confirm(term, done);
    }
  }

  /**
   * Runs a shared round. A majority that was still in {@code term} when it answered had elected
   * nobody later when the round began; this member answers for itself by still being in that term
   * after it.
   */
  private void confirm(long term, Consumer<Boolean> done) {
    long sentNanos = clock.nanoTime();
    rounds.join(
        provenTerm -> {
          boolean confirmed = provenTerm == term && leads(term);
          if (confirmed) {
            lease.confirm(
                term, sentNanos, (long) (electionTimeoutMillis * 1_000_000L * LEASE_SHARE));
          }
          done.accept(confirmed);
        });
  }

  private boolean leads(long term) {
    Leadership leadership = view.leadership();
    return leadership.isLeader()
        && leadership.term() == term
        && currentTerm.getAsLong() == term
        && leadsByNode.getAsBoolean();
  }
}
