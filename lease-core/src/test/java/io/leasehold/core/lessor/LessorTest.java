package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lessor.LessorBench.SlowRenewal;
import io.leasehold.core.log.ProposalResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Deadlines: when a lease ends, how ends are proposed, and what a term begins and ends with. */
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
