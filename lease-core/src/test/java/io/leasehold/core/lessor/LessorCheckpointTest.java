package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.lessor.LessorBench.SlowRenewal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is left of a lease on record: checkpoints, their clearing, and lease time. */
class LessorCheckpointTest {
  private static final Duration LONG_TTL = Duration.ofSeconds(60);
  private static final Duration TICK = Duration.ofMillis(100);

  private final LessorBench bench = new LessorBench();

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
}
