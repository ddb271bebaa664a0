package io.leasehold.server.route;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.Renewal;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.Replica;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This member as the leader. Answers {@code tryAgain} while it does not lead or is not promoted.
 *
 * <p>What must hold before anything is promised is here and nowhere else: a positive answer only
 * after leadership was proven after the lessor had answered (rule S6), and "no such lease" only
 * behind a read barrier.
 */
public final class LocalLeader implements Leader {
  private final Replica replica;
  private final NanoClock clock;
  private final Consumer<ProposalResult> proposalObserver;

  /**
   * @param proposalObserver hears what became of each proposal; must not block
   */
  public LocalLeader(Replica replica, NanoClock clock, Consumer<ProposalResult> proposalObserver) {
    this.replica = replica;
    this.clock = clock;
    this.proposalObserver = proposalObserver;
  }

  /**
   * Renews a lease if that needs nothing but memory, and returns its TTL in milliseconds. Any other
   * answer is negative and means: ask {@link #renew}. Allocates nothing.
   */
  public long renewNow(long leaseId) {
    Lessor lessor = replica.lessor();
    if (lessor == null) {
      return Renewal.DEMOTED;
    }
    long ttlMillis = lessor.renew(leaseId, clock.nanoTime());
    if (ttlMillis < 0 || replica.isCertainlyLeader(lessor.term())) {
      return ttlMillis;
    }
    return Renewal.SLOW;
  }

  /**
   * As {@link #renewNow(long)} for {@code count} leases at once, with one look at the clock and one
   * at leadership for all of them.
   *
   * @param answers filled with an answer for each lease
   */
  public void renewEach(long[] leaseIds, int count, long[] answers) {
    Lessor lessor = replica.lessor();
    if (lessor == null) {
      Arrays.fill(answers, 0, count, Renewal.DEMOTED);
      return;
    }
    long nowNanos = clock.nanoTime();
    for (int i = 0; i < count; i++) {
      answers[i] = lessor.renew(leaseIds[i], nowNanos);
    }
    // Asked after the lessor has answered for all of them (rule S6).
    if (!replica.isCertainlyLeader(lessor.term())) {
      for (int i = 0; i < count; i++) {
        answers[i] = answers[i] < 0 ? answers[i] : Renewal.SLOW;
      }
    }
  }

  /**
   * Renews leases if that needs nothing but memory for any of them, and returns the shortest of
   * their TTLs in milliseconds. Any other answer is negative and means: ask {@link #renewAll},
   * which renews again what was renewed here. Allocates nothing.
   *
   * <p>The clock is read and leadership is proven once for all.
   */
  public long renewNow(long[] leaseIds) {
    Lessor lessor = replica.lessor();
    if (lessor == null) {
      return Renewal.DEMOTED;
    }
    long nowNanos = clock.nanoTime();
    long ttlMillisMin = Long.MAX_VALUE;
    for (long leaseId : leaseIds) {
      long ttlMillis = lessor.renew(leaseId, nowNanos);
      if (ttlMillis < 0) {
        return ttlMillis;
      }
      ttlMillisMin = Math.min(ttlMillisMin, ttlMillis);
    }
    // Asked after the lessor has answered for all of them (rule S6).
    return replica.isCertainlyLeader(lessor.term()) ? ttlMillisMin : Renewal.SLOW;
  }

  @Override
  public void renewAll(long[] leaseIds, BatchAnswer answer) {
    renewAll(leaseIds, Positions.before(leaseIds.length), false, answer);
  }

  private void renewAll(
      long[] leaseIds, Positions asked, boolean behindBarrier, BatchAnswer answer) {
    Lessor lessor = replica.lessor();
    if (lessor == null) {
      answer.answered(BatchPart.tryAgain(asked));
      return;
    }
    long nowNanos = clock.nanoTime();
    Positions renewed = new Positions();
    Positions missing = new Positions();
    Positions slow = new Positions();
    Positions demoted = new Positions();
    long ttlMillisMin = Long.MAX_VALUE;
    for (int i = 0; i < asked.size(); i++) {
      int position = asked.get(i);
      long ttlMillis = lessor.renew(leaseIds[position], nowNanos);
      if (ttlMillis > 0) {
        renewed.add(position);
        ttlMillisMin = Math.min(ttlMillisMin, ttlMillis);
      } else if (ttlMillis == Renewal.NOT_FOUND) {
        missing.add(position);
      } else {
        (ttlMillis == Renewal.SLOW ? slow : demoted).add(position);
      }
    }
    if (!demoted.isEmpty()) {
      answer.answered(BatchPart.tryAgain(demoted));
    }
    for (int i = 0; i < slow.size(); i++) {
      int position = slow.get(i);
      lessor.renewSlowly(leaseIds[position], nowNanos, new SlowBatchRenewal(position, answer));
    }
    if (!missing.isEmpty()) {
      if (behindBarrier) {
        answer.answered(BatchPart.notFound(missing));
      } else {
        behindReadBarrier(
            () -> renewAll(leaseIds, missing, true, answer),
            () -> answer.answered(BatchPart.tryAgain(missing)));
      }
    }
    if (!renewed.isEmpty()) {
      BatchPart proven = BatchPart.renewed(renewed, ttlMillisMin);
      whenProven(
          lessor.term(),
          () -> answer.answered(proven),
          () -> answer.answered(BatchPart.tryAgain(renewed)));
    }
  }

  @Override
  public void renew(long leaseId, RenewalAnswer answer) {
    renew(leaseId, clock.nanoTime(), false, answer);
  }

  /**
   * Takes up a renewal that another round already tried, with what it answered.
   *
   * @param receivedNanos when the request had arrived
   */
  public void renewAfter(
      long firstAnswer,
      long leaseId,
      long receivedNanos,
      @Nullable Lessor lessor,
      RenewalAnswer answer) {
    if (lessor == null || firstAnswer == Renewal.DEMOTED) {
      answer.tryAgain();
    } else if (firstAnswer == Renewal.NOT_FOUND) {
      behindReadBarrier(
          () -> renew(leaseId, clock.nanoTime(), true, answer), () -> answer.tryAgain());
    } else if (firstAnswer == Renewal.SLOW) {
      lessor.renewSlowly(leaseId, receivedNanos, new SlowRenewal(answer));
    } else {
      whenProven(lessor.term(), () -> answer.renewed(firstAnswer), answer::tryAgain);
    }
  }

  private void renew(
      long leaseId, long receivedNanos, boolean behindBarrier, RenewalAnswer answer) {
    Lessor lessor = replica.lessor();
    if (lessor == null) {
      answer.tryAgain();
      return;
    }
    long ttlMillis = lessor.renew(leaseId, receivedNanos);
    if (ttlMillis == Renewal.NOT_FOUND && behindBarrier) {
      answer.notFound();
    } else {
      renewAfter(ttlMillis, leaseId, receivedNanos, lessor, answer);
    }
  }

  @Override
  public void remaining(long leaseId, RemainingAnswer answer) {
    remaining(leaseId, false, answer);
  }

  private void remaining(long leaseId, boolean behindBarrier, RemainingAnswer answer) {
    Lessor lessor = replica.lessor();
    if (lessor == null) {
      answer.tryAgain();
      return;
    }
    Lease lease = replica.leases().get(leaseId);
    long remainingMillis =
        lease == null ? Renewal.NOT_FOUND : lessor.remainingMillis(leaseId, clock.nanoTime());
    if (remainingMillis == Renewal.DEMOTED) {
      answer.tryAgain();
    } else if (remainingMillis == Renewal.SLOW) {
      lessor.whenSettled(leaseId, () -> remaining(leaseId, behindBarrier, answer));
    } else if (remainingMillis >= 0 && lease != null) {
      long ttlMillis = lease.ttlMillis();
      whenProven(
          lessor.term(),
          () -> answer.remaining(Math.min(remainingMillis, ttlMillis), ttlMillis),
          answer::tryAgain);
    } else if (behindBarrier) {
      answer.notFound();
    } else {
      behindReadBarrier(() -> remaining(leaseId, true, answer), answer::tryAgain);
    }
  }

  @Override
  public void grant(long term, long leaseId, long ttlMillis, ProposalAnswer answer) {
    Lessor lessor = replica.lessor();
    if (lessor == null || lessor.term() != term) {
      answer.tryAgain();
      return;
    }
    replica.propose(
        new Command.Grant(leaseId, ttlMillis), term, result -> answerProposal(result, answer));
  }

  @Override
  public void revoke(long term, long leaseId, ProposalAnswer answer) {
    Lessor lessor = replica.lessor();
    if (lessor == null || lessor.term() != term) {
      answer.tryAgain();
      return;
    }
    lessor.revoke(leaseId, result -> answerProposal(result, answer));
  }

  @Override
  public void propose(long term, Command command, int bytes, OutcomeAnswer answer) {
    Lessor lessor = replica.lessor();
    if (lessor == null || lessor.term() != term) {
      answer.tryAgain();
      return;
    }
    replica.propose(
        command,
        term,
        result -> {
          proposalObserver.accept(result);
          if (result instanceof ProposalResult.Applied applied) {
            answer.applied(applied.index(), applied.outcome());
          } else {
            answerNotApplied(result, answer);
          }
        });
  }

  private void answerProposal(ProposalResult result, ProposalAnswer answer) {
    proposalObserver.accept(result);
    if (result instanceof ProposalResult.Applied applied) {
      answerOutcome(applied, answer);
    } else {
      answerNotApplied(result, answer);
    }
  }

  private static void answerNotApplied(ProposalResult result, NotApplied answer) {
    if (result instanceof ProposalResult.Rejected) {
      answer.tryAgain();
    } else {
      answer.unknown();
    }
  }

  private static void answerOutcome(ProposalResult.Applied applied, ProposalAnswer answer) {
    Outcome outcome = applied.outcome();
    boolean isDone =
        outcome instanceof Outcome.Granted
            || (outcome instanceof Outcome.Revoked revoked && revoked.count() > 0);
    if (isDone) {
      answer.done(applied.index());
    } else if (outcome instanceof Outcome.Fenced) {
      answer.tryAgain();
    } else if (outcome instanceof Outcome.KeysRefused refused) {
      answer.forbidden(applied.index(), refused.why());
    } else {
      answer.refused(applied.index());
    }
  }

  private void whenProven(long term, Runnable proven, Runnable notProven) {
    if (replica.isCertainlyLeader(term)) {
      proven.run();
    } else {
      replica.leaderBarrier(term, isProven -> (isProven ? proven : notProven).run());
    }
  }

  private void behindReadBarrier(Runnable passed, Runnable failed) {
    replica.readBarrier(isPassed -> (isPassed ? passed : failed).run());
  }

  private record SlowBatchRenewal(int position, BatchAnswer answer) implements Renewal.Callback {
    @Override
    public void renewed(long ttlMillis) {
      answer.answered(BatchPart.renewed(Positions.of(position), ttlMillis));
    }

    @Override
    public void notFound() {
      answer.answered(BatchPart.notFound(Positions.of(position)));
    }

    @Override
    public void failed() {
      answer.answered(BatchPart.tryAgain(Positions.of(position)));
    }
  }

  private record SlowRenewal(RenewalAnswer answer) implements Renewal.Callback {
    @Override
    public void renewed(long ttlMillis) {
      answer.renewed(ttlMillis);
    }

    @Override
    public void notFound() {
      answer.notFound();
    }

    @Override
    public void failed() {
      answer.tryAgain();
    }
  }
}
