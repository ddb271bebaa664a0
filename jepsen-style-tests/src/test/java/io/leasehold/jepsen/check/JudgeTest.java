package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Counter;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Json;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Stall;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class JudgeTest {
  @Test
  void everyPropertyGetsAVerdict() {
    Verdicts verdicts = judge(new Tale(), Map.of());
    assertThat(verdicts.each().stream().map(Verdict::property))
        .containsExactly(
            "P1", "P2", "P3a", "P3b", "P4", "P5", "P6", "P8", "P9", "P10", "L1", "L2", "L3", "L4",
            "WGL");
    assertThat(verdicts.each())
        .allSatisfy(
            each -> {
              assertThat(each.ruling()).isEqualTo(Ruling.NOT_APPLICABLE);
              assertThat(each.reason()).isNotEmpty();
            });
    assertThat(verdicts.ruling()).isEqualTo(Ruling.NOT_APPLICABLE);
  }

  @Test
  void aRunInWhichAllHoldsIsOk() {
    Verdicts verdicts = judge(good(), Map.of("leases", 1.0, "ops ok", 2.0));
    assertThat(verdicts.missing()).isEmpty();
    assertThat(verdicts.ruling()).isEqualTo(Ruling.OK);
    assertThat(verdicts.of("P1").ruling()).isEqualTo(Ruling.OK);
  }

  @Test
  void aRunInWhichTooLittleHappenedIsNotValid() {
    Verdicts verdicts = judge(good(), Map.of("leases", 2.0, "fault pause", 1.0));
    assertThat(verdicts.ruling()).isEqualTo(Ruling.INVALID);
    assertThat(verdicts.missing())
        .anyMatch(each -> each.startsWith("fault pause: 0"))
        .anyMatch(each -> each.startsWith("leases: 1"))
        .hasSize(2);
  }

  @Test
  void aHarnessThatWasStalledTooLongIsNotValid() {
    assertThat(judge(good().with(new Stall(0, Tale.nanos(1000))), Map.of()).ruling())
        .isEqualTo(Ruling.OK);
    Verdicts verdicts = judge(good().with(new Stall(0, Tale.nanos(1500))), Map.of());
    assertThat(verdicts.ruling()).isEqualTo(Ruling.INVALID);
    assertThat(verdicts.missing().get(0)).contains("stalled");
  }

  @Test
  void aViolationIsOneHoweverLittleHappened() {
    Verdicts verdicts =
        judge(good().granted(2, 4, 0, 10).gone(2, 100, 110), Map.of("leases", 1000.0));
    assertThat(verdicts.ruling()).isEqualTo(Ruling.VIOLATED);
    assertThat(verdicts.of("P1").ruling()).isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void whatCannotBeToldIsNotOk() {
    Verdicts verdicts = judge(good().put("a", "1", 0, 2, 20, 30), Map.of());
    assertThat(verdicts.of("P9").ruling()).isEqualTo(Ruling.UNKNOWN);
    assertThat(verdicts.ruling()).isEqualTo(Ruling.UNKNOWN);
  }

  @Test
  void whatHappenedIsCounted() {
    Verdicts verdicts =
        judge(
            good()
                .with(new FaultWindow("kill", "n1", 0, 1))
                .renewed(1, 4, 100, 110)
                .renewalUnknown(1, 200, 210)
                .with(new Counter("expiry_rejected_stale", "n1", 2))
                .with(new Counter("expiry_rejected_stale", "n2", 3))
                .with(new MemberState("n1", 1, 1, true, 1, 1, 1, ""))
                .with(new MemberState("n1", 2, 2, true, 1, 1, 1, "")),
            Map.of());
    assertThat(verdicts.counters())
        .containsEntry("ops", 4.0)
        .containsEntry("ops ok", 3.0)
        .containsEntry("ops info", 1.0)
        .containsEntry("leases", 1.0)
        .containsEntry("leases ended", 1.0)
        .containsEntry("renewals acknowledged", 1.0)
        .containsEntry("leader changes", 1.0)
        .containsEntry("faults", 1.0)
        .containsEntry("counter expiry_rejected_stale", 5.0);
  }

  @Test
  void whatWasAcknowledgedBeforeTheLastFaultIsAtStake() {
    Verdicts verdicts =
        judge(
            new Tale()
                .granted(1, 4, 0, 10)
                .put("a", "1", 0, 2, 20, 30)
                .put("b", "2", 0, 3, 40, 50)
                .put("c", "3", 0, 4, 60, 70)
                .granted(2, 4, 60, 70)
                .with(new FaultWindow("cut", "n1", Tale.nanos(5), Tale.nanos(6)))
                .with(new FaultWindow("cut", "n1", Tale.nanos(60), Tale.nanos(61))),
            Map.of());

    assertThat(verdicts.counters())
        .containsEntry("grants at stake", 1.0)
        .containsEntry("puts at stake", 2.0)
        .doesNotContainKey("transactions at stake");
  }

  @Test
  void theVerdictIsWrittenAndRead() {
    Verdicts verdicts = judge(good().granted(2, 4, 0, 10).gone(2, 100, 110), Map.of("ops", 9.0));
    assertThat(Json.read(Json.write(verdicts), Verdicts.class)).isEqualTo(verdicts);
  }

  @Test
  void theParametersAreWrittenAndRead() {
    RunParameters parameters =
        RunParameters.defaults()
            .withLatenessNanosMaxByFault(Map.of("kill", 5L))
            .withMinimums(Map.of("ops", 9.0));
    assertThat(Json.read(Json.write(parameters), RunParameters.class)).isEqualTo(parameters);
  }

  @Test
  void aHistoryOfManyOperationsIsJudgedInTime() {
    History history = new History(LegalRun.of(1, 5_000));
    assertThat(Judge.judge(history, RunParameters.defaults()).of("P9").ruling())
        .isEqualTo(Ruling.OK);
  }

  private static Verdicts judge(Tale tale, Map<String, Double> minimums) {
    return Judge.judge(tale.history(), RunParameters.defaults().withMinimums(minimums));
  }

  private static Tale good() {
    return new Tale().granted(1, 4, 0, 10).gone(1, 5000, 5010);
  }
}
