package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.lessor.LessorBench.SlowRenewal;
import io.leasehold.core.log.ProposalResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Revokes on request, and what renewals see of them. */
class LessorRevokeTest {
  private static final Duration TTL = Duration.ofSeconds(4);
  private static final Duration LONG_TTL = Duration.ofSeconds(60);
  private static final Duration TICK = Duration.ofMillis(100);

  private final LessorBench bench = new LessorBench();

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
}
