package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Stall;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LatenessTest {
  private final Checker checker = new Lateness();

  @Test
  void aLeaseMayEndASecondLate() {
    Verdict verdict = leftAlone().gone(1, 4990, 5010).judgedBy(checker);
    assertThat(verdict.ruling()).isEqualTo(Ruling.OK);
    assertThat(verdict.figure("lateness max, ms")).isEqualTo(1000);
    leftAlone().gone(1, 4990, 5011).isRefused(checker, "lease 1 ended 1001 ms late");
  }

  @Test
  void latenessCountsFromTheAnswerOfTheLastRenewal() {
    new Tale()
        .granted(1, 4, 0, 10)
        .renewed(1, 4, 3000, 3500)
        .left(1, 0, 4, 8000, 8001)
        .left(1, 1, 4, 7800, 7801)
        .gone(1, 8400, 8500)
        .isFine(checker);
    new Tale()
        .granted(1, 4, 0, 10)
        .renewed(1, 4, 3000, 3500)
        .left(1, 1, 4, 7800, 7801)
        .gone(1, 8400, 8501)
        .isRefused(checker, "lease 1");
  }

  @Test
  void aLeaseThatIsStillAliveTooLateIsRefused() {
    leftAlone().left(1, 1, 4, 5011, 5020).isRefused(checker, "1001 ms late, or later");
  }

  @Test
  void anEndThatNobodyLookedForIsLeftOut() {
    new Tale().granted(1, 4, 0, 10).gone(1, 90_000, 90_010).doesNotApply(checker);
    new Tale()
        .granted(1, 4, 0, 10)
        .granted(2, 4, 0, 10)
        .left(2, 1, 4, 3500, 3510)
        .gone(1, 90_000, 90_010)
        .gone(2, 4100, 4110)
        .isFine(checker);
  }

  @Test
  void aRenewalThatALinkHeldUpMayArriveLongAfterItWasGivenUp() {
    Tale tale =
        new Tale()
            .granted(1, 4, 0, 10)
            .renewalUnknown(1, 1000, 1100)
            .renewed(1, 4, 2000, 2010)
            .left(1, 1, 4, 7000, 7010)
            .gone(1, 7590, 7600);
    FaultWindow lossy = new FaultWindow("LOSSY_LINKS_ALL", "n1", Tale.nanos(500), Tale.nanos(1500));

    tale.isRefused(checker, "1590 ms late");
    tale.with(lossy).doesNotApply(checker);
  }

  @Test
  void aRenewalThatWasNotHeldUpIsOverWhenItIsGivenUp() {
    new Tale()
        .granted(1, 4, 0, 10)
        .renewalUnknown(1, 1000, 1100)
        .renewed(1, 4, 2000, 2010)
        .left(1, 1, 4, 7000, 7010)
        .gone(1, 7590, 7600)
        .with(new FaultWindow("LOSSY_LINKS_ALL", "n1", Tale.nanos(100), Tale.nanos(900)))
        .with(new FaultWindow("KILL_LEADER", "n1", Tale.nanos(900), Tale.nanos(1500)))
        .isRefused(checker, "1590 ms late");
  }

  @Test
  void aWatchObservesTheEnd() {
    new Tale()
        .granted(1, 4, 0, 10)
        .put("k", "v", 1, 2, 20, 30)
        .canonical(1)
        .told(1, 30, Tale.puts("k", "v", 2, 2, 1, 1))
        .told(1, 5020, Tale.deletes("k", 3))
        .isRefused(checker, "1010 ms late");
  }

  @Test
  void aRenewalThatMayBeUnderWayLeavesTheLeaseOut() {
    Verdict verdict =
        leftAlone().renewalUnknown(1, 3900, 3950).gone(1, 6000, 6010).judgedBy(checker);
    assertThat(verdict.ruling()).isEqualTo(Ruling.NOT_APPLICABLE);
    // One that was given up before the last acknowledged one was sent is over.
    new Tale()
        .granted(1, 4, 0, 10)
        .renewalUnknown(1, 100, 200)
        .renewed(1, 4, 201, 210)
        .left(1, 1, 4, 5000, 5010)
        .gone(1, 5300, 5310)
        .isRefused(checker, "lease 1");
  }

  /** A member that was cut off passes on what it was sent when its link comes up again. */
  @Test
  void aRenewalSentSoonAfterACutMayComeLate() {
    aRenewalGivenUpAfterACutUntil(1000).gone(1, 9300, 9310).doesNotApply(checker);
    aRenewalGivenUpAfterACutUntil(-1).gone(1, 9300, 9310).isRefused(checker, "lease 1");
  }

  /**
   * @param cutEndMillis when the cut was healed; -1 for none
   */
  private static Tale aRenewalGivenUpAfterACutUntil(long cutEndMillis) {
    Tale tale = new Tale().granted(1, 4, 0, 10);
    if (cutEndMillis >= 0) {
      tale.with(
          new FaultWindow("PARTITION_LEADER", "n1", Tale.nanos(500), Tale.nanos(cutEndMillis)));
    }
    return tale.renewalUnknown(1, 1700, 2100).renewed(1, 4, 2300, 2310).left(1, 1, 4, 8900, 8910);
  }

  @Test
  void aLeaseThatMayHaveBeenRevokedIsLeftOut() {
    leftAlone()
        .unknown(new Request.Revoke(1), 3000, 3500)
        .gone(1, 6000, 6010)
        .doesNotApply(checker);
  }

  @Test
  void theHarnesssOwnStallsAreTakenOff() {
    leftAlone()
        .with(new Stall(Tale.nanos(4500), Tale.nanos(4800)))
        .gone(1, 4990, 5310)
        .isFine(checker);
    leftAlone()
        .with(new Stall(Tale.nanos(3000), Tale.nanos(3900)))
        .gone(1, 4990, 5310)
        .isRefused(checker, "lease 1");
  }

  @Test
  void aFaultHasItsOwnBudget() {
    RunParameters parameters =
        RunParameters.defaults()
            .withObservationNanosMax(Tale.nanos(10_000))
            .withLatenessNanosMaxByFault(Map.of("pause", Tale.nanos(5000)));
    FaultWindow during = new FaultWindow("pause", "n1", Tale.nanos(3500), Tale.nanos(4500));
    FaultWindow after = new FaultWindow("pause", "n1", Tale.nanos(9500), Tale.nanos(9600));
    assertThat(leftAlone().with(during).gone(1, 9000, 9010).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(leftAlone().with(during).gone(1, 9000, 9011).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.VIOLATED);
    assertThat(leftAlone().with(after).gone(1, 9000, 9010).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void eachFurtherFaultMayAddWhatALeaderChangeAdds() {
    RunParameters parameters =
        RunParameters.defaults()
            .withObservationNanosMax(Tale.nanos(10_000))
            .withLeaderChangeNanosMax(Tale.nanos(2000))
            .withLatenessNanosMaxByFault(Map.of("kill", Tale.nanos(5000), "clock", 0L));
    FaultWindow first = new FaultWindow("kill", "n1", Tale.nanos(3500), Tale.nanos(3600));
    FaultWindow second = new FaultWindow("kill", "n2", Tale.nanos(4500), Tale.nanos(4600));
    FaultWindow harmless = new FaultWindow("clock", "n2", Tale.nanos(4500), Tale.nanos(4600));
    assertThat(
            leftAlone()
                .with(first)
                .with(second)
                .gone(1, 11_000, 11_010)
                .judgedBy(checker, parameters)
                .ruling())
        .isEqualTo(Ruling.OK);
    assertThat(
            leftAlone()
                .with(first)
                .with(second)
                .gone(1, 11_000, 11_011)
                .judgedBy(checker, parameters)
                .ruling())
        .isEqualTo(Ruling.VIOLATED);
    assertThat(
            leftAlone()
                .with(first)
                .with(harmless)
                .gone(1, 9000, 9011)
                .judgedBy(checker, parameters)
                .ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void whileNoMajorityIsUpNoTimeRuns() {
    RunParameters parameters =
        RunParameters.defaults()
            .withObservationNanosMax(Tale.nanos(100_000))
            .withQuorumLossFaults(Set.of("kill all"));
    // Half a second is left of the lease when the fault comes.
    FaultWindow fault = new FaultWindow("kill all", "all", Tale.nanos(3510), Tale.nanos(60_000));
    assertThat(
            leftAlone().with(fault).gone(1, 61_400, 61_500).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(
            leftAlone().with(fault).gone(1, 61_400, 61_501).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.VIOLATED);
    // One that comes when the lease is over takes no time off.
    FaultWindow after = new FaultWindow("kill all", "all", Tale.nanos(4011), Tale.nanos(60_000));
    assertThat(
            leftAlone().with(after).gone(1, 61_400, 61_500).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void whereStartsTakeLongerOnlyALeaseThatHadToWaitForThemMayEndLater() {
    RunParameters usual =
        RunParameters.defaults()
            .withRecoveryNanosMax(TimeUnit.SECONDS.toNanos(15))
            .withQuorumLossFaults(Set.of("kill all", "freeze all"))
            .withLatenessNanosMaxByFault(
                Map.of(
                    "kill all", TimeUnit.SECONDS.toNanos(20),
                    "freeze all", TimeUnit.SECONDS.toNanos(11),
                    "kill leader", TimeUnit.SECONDS.toNanos(16)));

    RunParameters slower = usual.withStartsLongerBy(3);

    assertThat(slower)
        .isEqualTo(
            usual
                .withRecoveryNanosMax(TimeUnit.SECONDS.toNanos(45))
                .withLatenessNanosMaxByFault(
                    Map.of(
                        "kill all", TimeUnit.SECONDS.toNanos(50),
                        "freeze all", TimeUnit.SECONDS.toNanos(11),
                        "kill leader", TimeUnit.SECONDS.toNanos(16))));
    assertThat(usual.withStartsLongerBy(1)).isEqualTo(usual);
  }

  @Test
  void whatANewLeaderGaveALeaseItHasThoughNothingWasBroken() {
    RunParameters parameters =
        RunParameters.defaults().withLeaderChangeNanosMax(TimeUnit.SECONDS.toNanos(6));

    assertThat(
            ofNewLeader(100, 3000).gone(1, 10_990, 11_010).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(
            ofNewLeader(100, 3000).gone(1, 10_990, 11_011).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.VIOLATED);
    // Nor is anything given by a leader that comes when the lease is over.
    assertThat(
            ofNewLeader(100, 11_100).gone(1, 10_990, 11_000).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void aRenewalSoonAfterALeaderChangeLeavesWhatIsLeftOfItsGift() {
    RunParameters parameters =
        RunParameters.defaults().withLeaderChangeNanosMax(TimeUnit.SECONDS.toNanos(6));

    assertThat(renewedAfterChange(12_010).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(renewedAfterChange(12_011).judgedBy(checker, parameters).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  private static Tale ofNewLeader(long first, long second) {
    return new Tale()
        .granted(1, 4, 0, 10)
        .with(leader(1, first))
        .with(leader(2, second))
        .left(1, 1, 4, 10_500, 10_501);
  }

  /** Changed at 1000, renewed from 3500 on, due at 7510. */
  private static Tale renewedAfterChange(long goneMillis) {
    return new Tale()
        .granted(1, 4, 0, 10)
        .with(leader(1, 100))
        .with(leader(2, 1000))
        .renewed(1, 4, 3500, 3510)
        .left(1, 1, 4, goneMillis - 20, goneMillis - 19)
        .gone(1, goneMillis - 10, goneMillis);
  }

  private static MemberState leader(long term, long atMillis) {
    return new MemberState("n" + term, Tale.nanos(atMillis), term, true, 1, 1, 0, "");
  }

  @Test
  void withoutEndsThereIsNothingToJudge() {
    new Tale().granted(1, 4, 0, 10).doesNotApply(checker);
  }

  /** Due at 4010, seen alive at 4500 still. */
  private static Tale leftAlone() {
    return new Tale().granted(1, 4, 0, 10).left(1, 1, 4, 4500, 4501);
  }
}
