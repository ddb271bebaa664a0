package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.lessor.LessorBench.SlowRenewal;
import io.leasehold.core.log.ProposalResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LessorTest {
  private static final Duration TTL = Duration.ofSeconds(4);
  private static final Duration LONG_TTL = Duration.ofSeconds(60);
  private static final Duration TICK = Duration.ofMillis(100);

  private final LessorBench bench = new LessorBench();

  @Test
  void leaseEndsAtItsDeadlineAndNotBefore() {
    bench.grant(1, TTL);
    bench.pass(TTL.minusMillis(1));
    assertThat(bench.proposals).isEmpty();
    bench.pass(Duration.ofMillis(2));
    assertThat(bench.proposals).hasSize(1);
    Command.Revoke revoke = (Command.Revoke) bench.proposals.element().command();
    assertThat(revoke.cause()).isEqualTo(RevokeCause.EXPIRED);
    assertThat(revoke.fenceTerm()).isEqualTo(1);
    bench.commitNext();
    assertThat(bench.isAlive(1)).isFalse();
    assertThat(bench.latenesses).hasSize(1).allMatch(nanos -> nanos >= 0);
  }

  @Test
  void renewalPutsTheEndOff() {
    bench.grant(1, TTL);
    for (int i = 0; i < 10; i++) {
      bench.pass(Duration.ofSeconds(3));
      assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    }
    bench.pass(TTL.minusMillis(1));
    assertThat(bench.proposals).isEmpty();
    bench.pass(TICK);
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void ownerIsAskedToComeBackAtTheNextDeadline() {
    bench.grant(1, TTL);
    bench.pass(TTL.minusMillis(30));
    long next = bench.lessor.tick(bench.clock.nanoTime());
    assertThat(next - bench.clock.nanoTime())
        .isBetween(Duration.ofMillis(30).toNanos(), Duration.ofMillis(30).toNanos() + 8);
  }

  @Test
  void longestTtlNeitherOverflowsNorExpires() {
    bench.grant(1, Duration.ofMillis(Command.TTL_MAX_MILLIS));
    bench.pass(Duration.ofSeconds(1));
    assertThat(bench.renew(1)).isEqualTo(Command.TTL_MAX_MILLIS);
    assertThat(bench.lessor.remainingMillis(1, bench.clock.nanoTime()))
        .isBetween(Command.TTL_MAX_MILLIS - 1, Command.TTL_MAX_MILLIS);
    bench.changeLeader();
    bench.pass(Duration.ofSeconds(1));
    assertThat(bench.renew(1)).isNotNegative();
    assertThat(bench.proposals).isEmpty();
  }

  @Test
  void unknownLeaseIsNotFound() {
    assertThat(bench.renew(42)).isEqualTo(Renewal.NOT_FOUND);
    assertThat(bench.lessor.remainingMillis(42, bench.clock.nanoTime()))
        .isEqualTo(Renewal.NOT_FOUND);
    assertThat(bench.renewSlowly(42).result).isEqualTo("not found");
  }

  @Test
  void expiredLeaseIsNeverRenewedWhileItsRevokeIsUnderWay() {
    bench.grant(1, TTL);
    bench.pass(TTL.plus(TICK));
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    SlowRenewal waiting = bench.renewSlowly(1);
    assertThat(waiting.result).isEqualTo("waiting");
    bench.commitNext();
    assertThat(waiting.result).isEqualTo("not found");
    assertThat(bench.renew(1)).isEqualTo(Renewal.NOT_FOUND);
  }

  @Test
  void refusedExpiryIsProposedAgain() {
    bench.grant(1, TTL);
    bench.pass(TTL.plus(TICK));
    bench.refuseNext();
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    bench.pass(TICK);
    bench.loseNext();
    bench.pass(TICK);
    assertThat(bench.proposals).hasSize(1);
    bench.commitNext();
    assertThat(bench.isAlive(1)).isFalse();
  }

  @Test
  void dueLeasesShareCommandsAndCommandsUnderWayAreLimited() {
    LessorConfig config =
        LessorConfig.of(
            LessorBench.ELECTION_TIMEOUT.toNanos(), LessorBench.CHECKPOINT_INTERVAL.toNanos());
    int leases = config.revokeBatchMax() * (config.revokesInFlightMax() + 1) + 1;
    for (int id = 1; id <= leases; id++) {
      bench.apply(new Command.Grant(id, TTL.toMillis()));
    }
    bench.pass(TTL.plus(TICK));
    assertThat(bench.proposals).hasSize(config.revokesInFlightMax());
    bench.commitAll();
    assertThat(bench.machine.leases().size()).isZero();
    assertThat(bench.latenesses).hasSize(leases);
  }

  @Test
  void revokeRateIsKeptWhereOneIsSet() {
    LessorBench limited =
        new LessorBench(
            LessorConfig.of(
                    LessorBench.ELECTION_TIMEOUT.toNanos(),
                    LessorBench.CHECKPOINT_INTERVAL.toNanos())
                .withRevokeRate(100));
    for (int id = 1; id <= 1000; id++) {
      limited.apply(new Command.Grant(id, TTL.toMillis()));
    }
    limited.pass(TTL);
    for (int second = 0; second < 3; second++) {
      for (int i = 0; i < 10; i++) {
        limited.pass(TICK);
        limited.commitAll();
      }
    }
    assertThat(1000 - limited.machine.leases().size()).isBetween(250L, 450L);
  }

  @Test
  void leaseNotRenewedForAnIntervalIsCheckpointed() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    Command.Checkpoint checkpoint = (Command.Checkpoint) bench.proposals.element().command();
    assertThat(checkpoint.remainingMillis().get(0))
        .isBetween(
            LONG_TTL.minus(LessorBench.CHECKPOINT_INTERVAL).minus(TICK).toMillis(),
            LONG_TTL.minus(LessorBench.CHECKPOINT_INTERVAL).toMillis() + 1);
    bench.commitNext();
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.minus(TICK.multipliedBy(2)));
    assertThat(bench.proposals).isEmpty();
    bench.pass(TICK.multipliedBy(3));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void renewedLeaseNeedsNoCheckpoint() {
    bench.grant(1, LONG_TTL);
    for (int i = 0; i < 20; i++) {
      bench.pass(LessorBench.CHECKPOINT_INTERVAL.minusMillis(200));
      assertThat(bench.renew(1)).isEqualTo(LONG_TTL.toMillis());
    }
    assertThat(bench.proposals).isEmpty();
  }

  @Test
  void refusedCheckpointIsTakenAgainSoon() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    bench.refuseNext();
    bench.pass(Duration.ofSeconds(1).plus(TICK));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void renewalOfCheckpointedLeaseIsAcknowledgedOnlyWhenTheClearingIsCommitted() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    bench.commitNext();
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    SlowRenewal renewal = bench.renewSlowly(1);
    assertThat(renewal.result).isEqualTo("waiting");
    assertThat(bench.proposals).hasSize(1);
    bench.commitNext();
    assertThat(renewal.result).isEqualTo("renewed");
    assertThat(bench.machine.leases().get(1).endMillis()).isZero();
    assertThat(bench.renew(1)).isEqualTo(LONG_TTL.toMillis());
  }

  @Test
  void failedClearingFailsTheRenewal() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    bench.commitNext();
    SlowRenewal refused = bench.renewSlowly(1);
    bench.refuseNext();
    assertThat(refused.result).isEqualTo("failed");
    SlowRenewal lost = bench.renewSlowly(1);
    bench.loseNext();
    assertThat(lost.result).isEqualTo("failed");
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
  }

  @Test
  void checkpointUnderWayIsClearedAfterItNotBefore() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    SlowRenewal renewal = bench.renewSlowly(1);
    assertThat(bench.proposals).hasSize(2);
    assertThat(((Command.Checkpoint) bench.commitNextCommand()).remainingMillis().get(0))
        .isPositive();
    assertThat(((Command.Checkpoint) bench.commitNextCommand()).remainingMillis().get(0)).isZero();
    assertThat(renewal.result).isEqualTo("renewed");
    assertThat(bench.machine.leases().get(1).endMillis()).isZero();
  }

  @Test
  void leaseThatComesUpWhileItsCheckpointIsBeingClearedIsCheckpointedInTimeAgain() {
    bench.grant(1, LONG_TTL);
    while (bench.replicatedRemainingNanos(1) > LONG_TTL.toNanos() / 3) {
      bench.pass(TICK);
      bench.commitAll();
    }
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.pass(Duration.ofSeconds(2));
    bench.commitNext();
    assertThat(renewal.result).isEqualTo("renewed");
    bench.pass(LessorBench.CHECKPOINT_INTERVAL);
    assertThat(bench.proposals).isNotEmpty();
  }

  @Test
  void leaseWhoseFirstClearingFailedIsCheckpointedInTimeAfterTheSecond() {
    bench.grant(1, LONG_TTL);
    while (bench.replicatedRemainingNanos(1) > LONG_TTL.toNanos() / 3) {
      bench.pass(TICK);
      bench.commitAll();
    }
    bench.renewSlowly(1);
    bench.refuseNext();
    bench.pass(LessorBench.CHECKPOINT_INTERVAL);
    bench.commitAll();
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.commitNext();
    assertThat(renewal.result).isEqualTo("renewed");
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    assertThat(bench.proposals).isNotEmpty();
  }

  @Test
  void revokeOfUnknownFateIsNotRepeatedForAnotherLeaseOfThatId() {
    bench.grant(1, TTL);
    bench.pass(TTL.plus(TICK));
    LessorBench.Proposal expiry = bench.proposals.element();
    bench.apply(expiry.command());
    bench.grant(1, LONG_TTL);
    bench.loseNext();
    bench.pass(Duration.ofSeconds(1));
    bench.commitAll();
    assertThat(bench.isAlive(1)).isTrue();
  }

  @Test
  void answerThatComesAfterDemotionTouchesNoLeaseOfTheNextLessor() {
    bench.grant(1, LONG_TTL);
    bench.lessor.revoke(1, result -> {});
    bench.tick();
    Lessor former = bench.lessor;
    bench.changeLeader(
        () -> {
          bench.lessor.revoke(1, result -> {});
          bench.tick();
          bench.refuseFirst();
          former.tick(bench.clock.nanoTime());
        });
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
  }

  @Test
  void revokeOfALeaseThatIsOnlyAboutToBeAppliedHoldsItsRenewalsToo() {
    bench.lessor.revoke(1, result -> {});
    bench.tick();
    bench.grant(1, LONG_TTL);
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.commitNext();
    assertThat(renewal.result).isEqualTo("not found");
  }

  @Test
  void refusedRevokeOfALeaseThatWasAboutToBeAppliedSparesIt() {
    bench.lessor.revoke(1, result -> {});
    bench.tick();
    bench.grant(1, LONG_TTL);
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.refuseNext();
    assertThat(bench.renew(1)).isEqualTo(LONG_TTL.toMillis());
    bench.commitAll();
    assertThat(renewal.result).isEqualTo("renewed");
  }

  @Test
  void renewalThatComesWhileAClearingIsUnderWayWaitsForOneOfItsOwn() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    bench.commitNext();
    SlowRenewal first = bench.renewSlowly(1);
    SlowRenewal second = bench.renewSlowly(1);
    bench.commitNext();
    assertThat(first.result).isEqualTo("renewed");
    assertThat(second.result).isEqualTo("waiting");
    bench.commitNext();
    assertThat(second.result).isEqualTo("renewed");
  }

  @Test
  void renewalThatGoesThroughTheLogKeepsTheLeaseAliveMeanwhile() {
    bench.grant(1, Duration.ofSeconds(6));
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    bench.commitNext();
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.pass(Duration.ofSeconds(3));
    assertThat(bench.proposals).hasSize(1);
    bench.commitNext();
    assertThat(renewal.result).isEqualTo("renewed");
  }

  @Test
  void newLessorGivesFullTtlAndOneElectionTimeout() {
    bench.grant(1, TTL);
    bench.pass(Duration.ofSeconds(3));
    bench.changeLeader();
    bench.pass(TTL.plus(LessorBench.ELECTION_TIMEOUT).minusMillis(1));
    assertThat(bench.proposals).isEmpty();
    bench.pass(Duration.ofMillis(2));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void newLessorGoesByTheCheckpointAndRenewalClearsIt() {
    bench.grant(1, LONG_TTL);
    for (int i = 0; i < 4; i++) {
      bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
      bench.commitAll();
    }
    long remaining = bench.replicatedRemainingNanos(1) / 1_000_000;
    assertThat(remaining).isBetween(38_000L, 40_001L);
    bench.changeLeader();
    assertThat(bench.lessor.remainingMillis(1, bench.clock.nanoTime()))
        .isBetween(remaining, remaining + LessorBench.ELECTION_TIMEOUT.toMillis());
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.commitAll();
    assertThat(renewal.result).isEqualTo("renewed");
  }

  @Test
  void leaseTimeIsNotRecordedBeforeItHasComeAnyFurther() {
    LessorBench hasty =
        new LessorBench(
            LessorConfig.of(
                LessorBench.ELECTION_TIMEOUT.toNanos(),
                LessorBench.ELECTION_TIMEOUT.toNanos() / 2));
    hasty.grant(1, LONG_TTL);
    hasty.pass(LessorBench.ELECTION_TIMEOUT.minus(TICK.multipliedBy(2)));
    hasty.commitAll();
    assertThat(hasty.machine.leases().ageing()).isEqualTo(1);
    assertThat(hasty.machine.leases().timeMillis()).isZero();
    hasty.changeLeader();
    hasty.pass(LessorBench.ELECTION_TIMEOUT);
    assertThat(hasty.proposals).isEmpty();
    hasty.pass(LessorBench.ELECTION_TIMEOUT.plus(TICK));
    hasty.commitAll();
    assertThat(hasty.machine.leases().timeMillis()).isPositive();
  }

  @Test
  void leaseTimeIsUnderWayOnceHoweverLongTheLogTakes() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    bench.commitAll();
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.multipliedBy(4));
    assertThat(bench.proposals).hasSize(1);
    bench.refuseNext();
    bench.pass(Duration.ofSeconds(1).plus(TICK));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void idleLeaseOutlivesEachLeaderChangeByNoMoreThanIntervalAndElection() {
    bench.grant(1, LONG_TTL);
    long start = bench.clock.nanoTime();
    int changes = 5;
    for (int i = 0; i < changes; i++) {
      for (int tick = 0; tick < 70; tick++) {
        bench.pass(TICK);
        bench.commitAll();
      }
      bench.changeLeader();
    }
    while (bench.isAlive(1)) {
      bench.pass(TICK);
      bench.commitAll();
    }
    Duration life = Duration.ofNanos(bench.clock.nanoTime() - start);
    Duration perChange = LessorBench.CHECKPOINT_INTERVAL.plus(LessorBench.ELECTION_TIMEOUT);
    assertThat(life)
        .isBetween(
            LONG_TTL, LONG_TTL.plus(perChange.multipliedBy(changes)).plus(Duration.ofSeconds(1)));
  }

  @Test
  void requestedRevokeHoldsRenewalsUntilTheLogAnswered() {
    bench.grant(1, TTL);
    List<ProposalResult> results = new ArrayList<>();
    bench.lessor.revoke(1, results::add);
    bench.tick();
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    assertThat(bench.lessor.remainingMillis(1, bench.clock.nanoTime())).isEqualTo(Renewal.SLOW);
    SlowRenewal renewal = bench.renewSlowly(1);
    List<String> settled = new ArrayList<>();
    bench.lessor.whenSettled(1, () -> settled.add("settled"));
    bench.tick();
    assertThat(settled).isEmpty();
    bench.commitNext();
    assertThat(renewal.result).isEqualTo("not found");
    assertThat(settled).containsExactly("settled");
    assertThat(results)
        .singleElement()
        .isInstanceOfSatisfying(
            ProposalResult.Applied.class,
            applied -> assertThat(applied.outcome()).isEqualTo(new Outcome.Revoked(1, 1)));
  }

  @Test
  void refusedRevokeSparesTheLease() {
    bench.grant(1, TTL);
    bench.lessor.revoke(1, result -> {});
    bench.tick();
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.refuseNext();
    bench.commitAll(); // the renewal goes through the log, whatever the lease carries
    assertThat(renewal.result).isEqualTo("renewed");
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(TTL.plus(TICK));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void revokeThatAnAlarmForbidsSparesTheLease() {
    bench.grant(1, TTL);
    bench.apply(new Command.SetAlarm(1, Alarm.CORRUPT, true));
    List<ProposalResult> results = new ArrayList<>();
    bench.lessor.revoke(1, results::add);
    bench.tick();
    SlowRenewal renewal = bench.renewSlowly(1);
    bench.commitAll();
    assertThat(results)
        .singleElement()
        .isInstanceOfSatisfying(
            ProposalResult.Applied.class,
            applied ->
                assertThat(applied.outcome())
                    .isEqualTo(new Outcome.KeysRefused(KeyRefusal.CORRUPT, 1)));
    assertThat(renewal.result).isEqualTo("renewed");
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(TTL.plus(TICK));
    bench.commitAll();
    assertThat(bench.isAlive(1)).isFalse();
  }

  @Test
  void refusedRevokeOfALeaseThatFellDueMeanwhileStillLetsItExpire() {
    bench.grant(1, TTL);
    bench.lessor.revoke(1, result -> {});
    bench.pass(TTL.plus(TICK));
    bench.refuseNext();
    bench.pass(TICK);
    assertThat(bench.proposals).hasSize(1);
    bench.commitNext();
    assertThat(bench.isAlive(1)).isFalse();
  }

  @Test
  void revokeOfUnknownFateIsSeenThrough() {
    bench.grant(1, LONG_TTL);
    List<ProposalResult> results = new ArrayList<>();
    bench.lessor.revoke(1, results::add);
    bench.tick();
    bench.loseNext();
    assertThat(results).singleElement().isInstanceOf(ProposalResult.Unknown.class);
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    bench.pass(TICK);
    bench.commitAll();
    assertThat(bench.isAlive(1)).isFalse();
  }

  @Test
  void refusalOfOneRevokeDoesNotSpareALeaseThatAnotherStillEnds() {
    bench.grant(1, TTL);
    bench.lessor.revoke(1, result -> {});
    bench.lessor.revoke(1, result -> {});
    bench.tick();
    bench.refuseNext();
    assertThat(bench.renew(1)).isEqualTo(Renewal.SLOW);
    bench.commitAll();
    assertThat(bench.renew(1)).isEqualTo(Renewal.NOT_FOUND);
  }

  @Test
  void stalledLessorServesWaitingRenewalsBeforeItEndsAnything() {
    bench.grant(1, TTL);
    bench.grant(2, TTL);
    bench.clock.advance(Duration.ofSeconds(8));
    bench.tick();
    assertThat(bench.stalls).hasSize(1);
    assertThat(bench.proposals).isEmpty();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(3));
    assertThat(bench.proposals).isEmpty();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(3));
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(2).plus(TICK));
    bench.commitAll();
    assertThat(bench.isAlive(2)).isFalse();
    assertThat(bench.isAlive(1)).isTrue();
  }

  @Test
  void leaseRenewedAfterAStallEndsInTimeThoughExpiryIsHeldBack() {
    bench.grant(1, TTL);
    bench.pass(Duration.ofSeconds(1));
    bench.clock.advance(TTL.multipliedBy(5));
    bench.tick();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(TTL.plus(TICK));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void leaseRenewedAfterAStallIsCheckpointedInTimeThoughExpiryIsHeldBack() {
    bench.grant(1, LONG_TTL);
    bench.pass(Duration.ofSeconds(1));
    bench.clock.advance(LONG_TTL);
    bench.tick();
    assertThat(bench.renew(1)).isEqualTo(LONG_TTL.toMillis());
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    assertThat(bench.proposals).hasSize(1);
    assertThat(bench.proposals.element().command()).isInstanceOf(Command.Checkpoint.class);
  }

  @Test
  void leaseRenewedSinceALongStallIsHeldByALaterShortOneOnlyForThat() {
    bench.grant(1, TTL);
    bench.pass(Duration.ofSeconds(1));
    bench.clock.advance(Duration.ofSeconds(10));
    bench.tick();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(3));
    bench.clock.advance(Duration.ofMillis(600));
    bench.tick();
    assertThat(bench.stalls).hasSize(2);
    bench.pass(Duration.ofMillis(400));
    assertThat(bench.proposals).isEmpty();
    bench.pass(Duration.ofMillis(300));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void demotionTellsWhoeverWaits() {
    bench.grant(1, LONG_TTL);
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    bench.commitAll();
    bench.grant(2, LONG_TTL);
    SlowRenewal proposed = bench.renewSlowly(1);
    bench.lessor.revoke(2, result -> {});
    bench.tick();
    SlowRenewal behindRevoke = bench.renewSlowly(2);
    SlowRenewal inTheInbox = new SlowRenewal();
    bench.lessor.renewSlowly(1, bench.clock.nanoTime(), inTheInbox);
    List<String> settled = new ArrayList<>();
    bench.lessor.whenSettled(2, () -> settled.add("settled"));
    Lessor demoted = bench.lessor;
    bench.changeLeader();
    assertThat(List.of(proposed.result, behindRevoke.result, inTheInbox.result))
        .containsOnly("failed");
    assertThat(settled).containsExactly("settled");
    assertThat(demoted.renew(1, bench.clock.nanoTime())).isEqualTo(Renewal.DEMOTED);
    SlowRenewal late = new SlowRenewal();
    demoted.renewSlowly(1, bench.clock.nanoTime(), late);
    assertThat(late.result).isEqualTo("failed");
    List<ProposalResult> results = new ArrayList<>();
    demoted.revoke(1, results::add);
    assertThat(results).singleElement().isInstanceOf(ProposalResult.Rejected.class);
  }

  @Test
  void idIsFreeAgainAfterTheLeaseEnded() {
    bench.grant(1, TTL);
    bench.lessor.revoke(1, result -> {});
    bench.tick();
    bench.commitAll();
    bench.grant(1, LONG_TTL);
    bench.pass(TTL.multipliedBy(1).plus(TICK));
    assertThat(bench.renew(1)).isEqualTo(LONG_TTL.toMillis());
  }

  @Test
  void manyEndedLeasesDoNotPileUpInTheSchedule() {
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 1000; i++) {
        long id = round * 1000L + i + 1;
        bench.apply(new Command.Grant(id, Duration.ofHours(1).toMillis()));
        bench.apply(
            new Command.Revoke(
                io.leasehold.core.command.LeaseIds.of(id),
                RevokeCause.REQUESTED,
                Command.NOT_FENCED));
      }
      bench.pass(TICK);
    }
    assertThat(bench.lessor.watched()).isLessThan(10_000);
  }
}
