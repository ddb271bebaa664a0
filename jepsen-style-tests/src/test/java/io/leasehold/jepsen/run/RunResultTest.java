package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.cluster.Backend;
import io.leasehold.jepsen.cluster.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    return result(verdicts, "set", "none", Target.LEASEHOLD);
  }

  private static RunResult result(
      Verdicts verdicts, String workload, String faults, Target target) {
    RunOrder order = new RunOrder(workload, faults, 60, 7, 3, Backend.PROCESS, target, 5, 2000);
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
  void howSoonSomethingHappenedIsNotToldByAHarnessThatStoodStill() {
    Verdicts found =
        new Verdicts(
            List.of(
                new Verdict("L4", Ruling.VIOLATED, "late", List.of(), Map.of()),
                new Verdict("LOG", Ruling.VIOLATED, "a trace", List.of(), Map.of()),
                new Verdict("P1", Ruling.VIOLATED, "early", List.of(), Map.of())),
            Map.of("stalled share", 0.3),
            List.of("the harness was stalled for 30 % of the run"));

    assertThat(RunResult.asFarAsTold(found, 0.3)).isEqualTo(found);
    Verdicts told = RunResult.asFarAsTold(found, 0.2);
    assertThat(told.of("L4").ruling()).isEqualTo(Ruling.UNKNOWN);
    assertThat(told.of("L4").reason()).endsWith("late");
    assertThat(told.of("LOG").ruling()).isEqualTo(Ruling.VIOLATED);
    assertThat(told.of("P1").ruling()).isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void oneLeaderATermIsOnlyJudgedWhereBothAreReadAtOnce() {
    Verdicts found =
        new Verdicts(
            List.of(new Verdict("P10", Ruling.VIOLATED, "two", List.of(), Map.of())),
            Map.of(),
            List.of());

    assertThat(RunResult.asFarAsRead(found, Target.LEASEHOLD)).isEqualTo(found);
    assertThat(RunResult.asFarAsRead(found, Target.ETCD).of("P10").ruling())
        .isEqualTo(Ruling.NOT_APPLICABLE);
  }

  @Test
  void aFaultThatWentWrongMakesTheRunInvalid() {
    Verdicts judged =
        RunResult.expecting(verdicts(Ruling.OK), Set.of(), List.of("KILL_ONE: nobody died"));

    assertThat(judged.ruling()).isEqualTo(Ruling.INVALID);
    assertThat(judged.missing()).containsExactly("KILL_ONE: nobody died");
  }

  @Test
  void aSeriesIsOkOnlyIfEveryRunIs() throws IOException {
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
  void aRunWithoutAVerdictIsNotOk() throws IOException {
    Series series = new Series();
    series.add(result(verdicts(Ruling.OK)));
    series.addUnfinished(result(verdicts(Ruling.OK)).plan().order());

    assertThat(series.isOk()).isFalse();
    assertThat(series.total()).contains("1 unfinished");
  }

  @Test
  void aSeriesIsReadAgainFromWhatItWroteDown(@TempDir Path home) throws IOException {
    Path log = home.resolve("runs/series.jsonl");
    Series series = new Series(log);
    series.add(result(verdicts(Ruling.OK)));
    series.add(result(verdicts(Ruling.VIOLATED)));

    assertThat(Series.read(List.of(log)).runs()).hasSize(2).isEqualTo(series.runs());
    assertThat(Series.read(List.of(log, log)).total()).startsWith("4 runs (2 OK, 2 VIOLATED)");
  }

  @Test
  void aSeriesThatGoesOnKnowsWhatItLacks(@TempDir Path home) throws IOException {
    Path log = home.resolve("series.jsonl");
    Series brokenOff = new Series(log);
    brokenOff.add(result(verdicts(Ruling.OK), "set", "kill", Target.LEASEHOLD));
    brokenOff.add(result(verdicts(Ruling.VIOLATED), "set", "pause", Target.LEASEHOLD));

    Series series = Series.goingOn(log);
    RunOrder kill = brokenOff.runs().get(0).order();
    assertThat(series.hasOk(kill)).isTrue();
    assertThat(series.hasOk(kill.withSeed(8))).isTrue();
    assertThat(series.hasOk(kill.withFaults("pause"))).isFalse();
    assertThat(series.hasOk(kill.withTarget(Target.ETCD))).isFalse();

    series.add(result(verdicts(Ruling.OK), "set", "pause", Target.LEASEHOLD));
    assertThat(series.hasOk(kill.withFaults("pause"))).isTrue();
    assertThat(Series.read(List.of(log)).runs()).hasSize(3);
  }

  @Test
  void runsAreSummedUpByWorkloadAndByFaults() throws IOException {
    Series series = new Series();
    series.add(result(verdicts(Ruling.OK), "set", "kill", Target.LEASEHOLD));
    series.add(result(verdicts(Ruling.OK), "watch", "kill", Target.LEASEHOLD));
    series.add(result(verdicts(Ruling.OK), "set", "pause", Target.LEASEHOLD));

    assertThat(series.summary())
        .contains("| `set` | 2 | 2 OK | 20 | 6 |", "| `watch` | 1 | 1 OK | 10 | 3 |")
        .contains("| `kill` | 2 | 2 OK | 20 | 6 |", "| **all** | 3 | 3 OK | 30 | 9 |");
  }

  @Test
  void tablesShowWhatBecameOfLeases() throws IOException {
    Verdicts judged =
        new Verdicts(
            List.of(
                new Verdict("P1", Ruling.VIOLATED, "early", List.of(), Map.of("violations", 4.0)),
                new Verdict("L1", Ruling.OK, "", List.of(), Map.of("lateness max, ms", 2345.0)),
                new Verdict(
                    "L2",
                    Ruling.OK,
                    "",
                    List.of(),
                    Map.of("most added by a leader change, ms", 1234.0)),
                new Verdict(
                    "L3",
                    Ruling.VIOLATED,
                    "lost",
                    List.of(),
                    Map.of("leases renewed in time", 900.0, "leases lost", 2.0))),
            Map.of("leases", 1000.0, "leader changes", 3.0, "faults", 5.0),
            List.of());
    Series series = new Series();
    series.add(result(judged, "lease-renew", "pause", Target.ETCD));

    assertThat(series.comparison())
        .contains(
            "| lease-renew | pause | 7 | etcd | 3 | 1,000 | 4 | 900 | 2 | 2.3 | 1.2 | P1, L3 |");
    assertThat(series.renewalsTable()).contains("| pause | 7 | 5 | 3 | 0 | 900 | 2 |");
  }

  @Test
  void whatWasAcknowledgedAndIsNotThereIsSummedUp() throws IOException {
    Verdicts judged =
        new Verdicts(
            List.of(
                new Verdict("P5", Ruling.VIOLATED, "lost", List.of(), Map.of("violations", 2.0)),
                new Verdict("P9", Ruling.VIOLATED, "lost", List.of(), Map.of("violations", 3.0))),
            Map.of(
                "faults", 1.0,
                "grants at stake", 1000.0,
                "puts at stake", 20.0,
                "transactions at stake", 30.0,
                "counter leasehold_engine_snapshots_loaded", 1.0),
            List.of());
    Series series = new Series();
    series.add(result(judged, "set", "POWER_CUT_ALL", Target.LEASEHOLD));

    assertThat(series.lossesTable())
        .contains("| POWER_CUT_ALL | set | 7 | 1 | 1 VIOLATED | 1,000 | 20 | 30 | 5 | 1 |")
        .contains("| **all** |  |  | 1 | 1 VIOLATED | 1,000 | 20 | 30 | 5 | 1 |");
  }
}
