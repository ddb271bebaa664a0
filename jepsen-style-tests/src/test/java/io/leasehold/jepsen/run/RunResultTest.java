package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.cluster.Backend;
import io.leasehold.jepsen.cluster.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunResultTest {
  private static Verdicts verdicts(Ruling ruling) {
    return new Verdicts(
        List.of(
            new Verdict("P1", Ruling.OK, "", List.of(), Map.of()),
            new Verdict("P3b", ruling, "two believe", List.of(), Map.of("violations", 4.0))),
        Map.of("ops", 10.0, "leases", 3.0),
        List.of());
  }

  private static RunResult result(Verdicts verdicts) {
    RunOrder order =
        new RunOrder("set", "none", 60, 7, 3, Backend.PROCESS, Target.LEASEHOLD, 5, 2000);
    return new RunResult(RunPlan.of(order), Path.of("somewhere"), verdicts);
  }

  @Test
  void whatMustBeViolatedIsOkOnlyIfItIs() {
    Set<String> must = Set.of("P3b");

    assertThat(RunResult.expecting(verdicts(Ruling.VIOLATED), must, List.of()).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(RunResult.expecting(verdicts(Ruling.OK), must, List.of()).ruling())
        .isEqualTo(Ruling.INVALID);
    assertThat(RunResult.expecting(verdicts(Ruling.VIOLATED), Set.of(), List.of()).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void aFaultThatWentWrongMakesTheRunInvalid() {
    Verdicts judged =
        RunResult.expecting(verdicts(Ruling.OK), Set.of(), List.of("KILL_ONE: nobody died"));

    assertThat(judged.ruling()).isEqualTo(Ruling.INVALID);
    assertThat(judged.missing()).containsExactly("KILL_ONE: nobody died");
  }

  @Test
  void aSeriesIsOkOnlyIfEveryRunIs() {
    Series series = new Series();
    assertThat(series.isOk()).isFalse();

    series.add(result(verdicts(Ruling.OK)));
    assertThat(series.isOk()).isTrue();
    assertThat(series.table())
        .contains("| set | none | 7 | OK | 10 | 3 | 0 | 0 | 0 |")
        .contains("all 1 runs");

    series.add(result(verdicts(Ruling.VIOLATED)));
    assertThat(series.isOk()).isFalse();
    assertThat(series.total())
        .contains("2 runs (1 OK, 1 VIOLATED)", "20 operations", "4 violations");
  }

  @Test
  void aRunWithoutAVerdictIsNotOk() {
    Series series = new Series();
    series.add(result(verdicts(Ruling.OK)));
    series.addUnfinished(result(verdicts(Ruling.OK)).plan().order(), "unfinished");

    assertThat(series.isOk()).isFalse();
    assertThat(series.total()).contains("1 unfinished");
  }
}
