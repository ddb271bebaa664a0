package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.bugs.Bug;
import io.leasehold.jepsen.bugs.BugBank;
import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BugHuntTest {
  @TempDir private Path home;
  private Path directory;
  private Bug bug;
  private BugHunt hunt;

  @BeforeEach
  void begin() throws IOException {
    directory = Files.createDirectories(home.resolve("run"));
    bug = BugBank.of("end-in-several-revisions");
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    hunt = new BugHunt(nowhere, run -> {});
  }

  private void judge(Verdict... verdicts) throws IOException {
    RunOrder order = BugHunt.order(bug);
    hunt.judge(
        bug,
        order,
        new RunResult(
            RunPlan.of(order), directory, new Verdicts(List.of(verdicts), Map.of(), List.of())));
  }

  private static Verdict violated(String property, double seconds) {
    return new Verdict(
        property, Ruling.VIOLATED, "so it is", List.of(), Map.of(Verdict.FIRST_VIOLATION, seconds));
  }

  @Test
  void aBugIsCaughtByThePropertyThatItMustViolate() throws IOException {
    judge(violated("P1", 1.5), violated("P9", 4.25), violated("P4", 3.1));

    assertThat(hunt.isOk()).isTrue();
    assertThat(hunt.table())
        .contains(
            "| `end-in-several-revisions` | S7 | attach, none, 15 s | 1 | **P4**, P1, P9 | 3.1 |");
    assertThat(hunt.total()).isEqualTo("1 of 1 bugs caught, 0 skipped");
    assertThat(directory).doesNotExist();
  }

  @Test
  void aBugThatOnlyViolatesSomethingElseIsNotCaught() throws IOException {
    judge(violated("P1", 1.5), new Verdict("P4", Ruling.OK, "", List.of(), Map.of()));

    assertThat(hunt.isOk()).isFalse();
    assertThat(hunt.table()).contains("| not caught |");
    assertThat(directory).exists();
  }

  @Test
  void nothingHuntedIsNothingCaught() {
    assertThat(hunt.isOk()).isFalse();
  }

  @Test
  void everyBugHasAScenarioThatCanBePlanned() throws IOException {
    for (Bug each : BugBank.all()) {
      assertThat(RunPlan.of(BugHunt.order(each)).order().workload()).isEqualTo(each.workload());
    }
  }
}
