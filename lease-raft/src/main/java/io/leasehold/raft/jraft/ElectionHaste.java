package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.option.RaftOptions;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.Replica.Leadership;
import io.leasehold.raft.jraft.lead.VoteGate;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shortens the time without a leader. JRaft's election timer runs on without regard to heartbeats
 * and only looks, each time it fires, whether the leader has been silent for long enough, so that
 * up to two election timeouts and the random delay pass before anybody stands. This sets the timer
 * anew as soon as the leader's stream ends, or the leader has missed a few heartbeats, so that it
 * fires when voters are just ready to vote, one member after the other; and sets it back once there
 * is a leader.
 *
 * <p>When elections fail again and again, on machines so busy that a round of votes takes longer
 * than the little by which chance parts the candidates, it lets chance part them further: the
 * random delay, which lengthens the wait for votes too, doubles until there is a leader.
 *
 * <p>Nothing here is a matter of safety: the {@link VoteGate} decides when a vote may be given.
 *
 * <p>Confined to the timer's threads by its lock, which is held while JRaft's lock is waited for;
 * nobody waits for this one on a path that matters.
 */
final class ElectionHaste {
  private static final Logger LOG = LoggerFactory.getLogger(ElectionHaste.class);

  /** Checks of the leader's silence in an election timeout. */
  private static final int CHECKS_PER_ELECTION = 20;

  /** Silence, as a share of the election timeout, after which the leader is suspected. */
  private static final double SUSPICION_SHARE = 0.3;

  /** When the first member stands: the others' gates are open by then, however late they heard. */
  private static final double READY_SHARE = VoteGate.STICKINESS_SHARE + 0.04;

  /**
   * How much later each further member stands: two that stand at once split the votes, which costs
   * another timeout. An election takes a tenth of this.
   */
  private static final double STAGGER_SHARE = 0.25;

  private static final double JITTER_SHARE = 0.02;

  /** Election timeouts without a leader after which the random delay doubles, each time anew. */
  private static final int TIMEOUTS_PER_DOUBLING = 3;

  private static final double DELAY_SHARE_MAX = 4;

  private final NanoClock clock;
  private final VoteGate gate;
  private final int electionTimeoutMillis;
  private final ScheduledExecutorService timer;
  private final Supplier<Leadership> leadership;
  private final String ownName;
  private final Supplier<List<String>> voters;
  private @Nullable Node node;
  private @Nullable ScheduledFuture<?> checks;
  private boolean hasty;
  private long hastySinceNanos;
  private boolean leaderless;
  private long leaderlessSinceNanos;

  ElectionHaste(
      NanoClock clock,
      VoteGate gate,
      String ownName,
      int electionTimeoutMillis,
      ScheduledExecutorService timer,
      Supplier<Leadership> leadership,
      Supplier<List<String>> voters) {
    this.clock = clock;
    this.gate = gate;
    this.electionTimeoutMillis = electionTimeoutMillis;
    this.timer = timer;
    this.leadership = leadership;
    this.ownName = ownName;
    this.voters = voters;
  }

  synchronized void start(Node started) {
    node = started;
    long periodMillis = Math.max(1, electionTimeoutMillis / CHECKS_PER_ELECTION);
    checks =
        timer.scheduleWithFixedDelay(
            this::check, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
  }

  synchronized void stop() {
    node = null;
    if (checks != null) {
      checks.cancel(false);
    }
  }

  /** Notes that the leader's stream to this member has ended. Any thread; does not block. */
  void leaderCutOff() {
    try {
      timer.execute(this::hurryUnlessLeading);
    } catch (RejectedExecutionException e) {
      LOG.debug("the member stops and stands for nothing any more", e);
    }
  }

  private synchronized void hurryUnlessLeading() {
    if (!leadership.get().isLeader()) {
      hurry();
    }
  }

  /** Looks at the leader's silence; on the timer's threads. */
  synchronized void check() {
    Leadership now = leadership.get();
    spread(now.leader() == null && !now.isLeader());
    long silenceNanos = gate.silenceNanos();
    if (hasty) {
      boolean heardSince = silenceNanos < clock.nanoTime() - hastySinceNanos;
      if (now.isLeader() || (now.leader() != null && heardSince)) {
        relax();
      }
    } else if (now.leader() != null
        && !now.isLeader()
        && silenceNanos > electionTimeoutMillis * 1_000_000L * SUSPICION_SHARE) {
      hurry();
    }
  }

  private void spread(boolean isLeaderless) {
    if (isLeaderless && !leaderless) {
      leaderlessSinceNanos = clock.nanoTime();
    }
    if ((isLeaderless || leaderless) && node != null) {
      leaderless = isLeaderless;
      node.getRaftOptions().setMaxElectionDelayMs(delayMillis());
    }
  }

  /** Returns the random delay's upper end: longer, the longer there has been no leader. */
  private int delayMillis() {
    double share = RaftSettings.ELECTION_DELAY_SHARE;
    if (leaderless) {
      long leaderlessMillis = (clock.nanoTime() - leaderlessSinceNanos) / 1_000_000;
      long doublings = leaderlessMillis / ((long) TIMEOUTS_PER_DOUBLING * electionTimeoutMillis);
      share = Math.min(DELAY_SHARE_MAX, share * Math.pow(2, (double) doublings));
    }
    return RaftSettings.delay(electionTimeoutMillis, share);
  }

  private void hurry() {
    if (hasty || node == null) {
      return;
    }
    hasty = true;
    hastySinceNanos = clock.nanoTime();
    // All at once, since JRaft grants no vote either while it has heard the leader within this.
    int readyMillis = (int) (electionTimeoutMillis * READY_SHARE);
    setTimer(readyMillis, JITTER_SHARE);
    int rank = rank();
    if (rank > 0) {
      long since = hastySinceNanos;
      ScheduledFuture<?> unused =
          timer.schedule(
              () -> setTimerAgain(since, readyMillis),
              (long) (electionTimeoutMillis * STAGGER_SHARE * rank),
              TimeUnit.MILLISECONDS);
    }
  }

  /** Puts this member's turn off until those before it have had theirs. */
  private synchronized void setTimerAgain(long since, int timeoutMillis) {
    if (hasty && hastySinceNanos == since) {
      setTimer(timeoutMillis, JITTER_SHARE);
    }
  }

  private void relax() {
    if (hasty && node != null) {
      hasty = false;
      setTimer(electionTimeoutMillis, RaftSettings.ELECTION_DELAY_SHARE);
    }
  }

  private void setTimer(int timeoutMillis, double delayShare) {
    if (node != null) {
      RaftOptions options = node.getRaftOptions();
      // The delay counts at the moment the timer is set: this once, members stand in turn. Should
      // two collide all the same, chance has to part them, as ever.
      options.setMaxElectionDelayMs(RaftSettings.delay(electionTimeoutMillis, delayShare));
      node.resetElectionTimeoutMs(timeoutMillis);
      options.setMaxElectionDelayMs(delayMillis());
    }
  }

  /** Returns this member's place among the voters that are left, in order of names. */
  private int rank() {
    String leader = leadership.get().leader();
    int rank = 0;
    for (String voter : voters.get()) {
      if (!voter.equals(leader) && voter.compareTo(ownName) < 0) {
        rank++;
      }
    }
    return rank;
  }
}
