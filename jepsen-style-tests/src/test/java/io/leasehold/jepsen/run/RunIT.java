package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.cluster.Backend;
import io.leasehold.jepsen.cluster.Skips;
import io.leasehold.jepsen.cluster.Target;
import io.leasehold.jepsen.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs, as the commands make them, short enough for every build. */
@Timeout(300)
final class RunIT {
  private static final int SECONDS = 16;
  private static final long SEED = 7;

  @TempDir private Path home;

  @Test
  void leadersAreKilledWhileClientsRenew() throws IOException {
    RunResult result = carryOut("lease-renew", "leader-kill");
    assertNothingUnsafe(result);
    assertThat(result.verdicts().of("P1").ruling()).isEqualTo(Ruling.OK);
    assertThat(result.verdicts().of("P2").ruling()).isEqualTo(Ruling.OK);
    assertThat(result.counter("leader changes")).isPositive();
    assertThat(result.directory().resolve(Report.REPORT)).isNotEmptyFile();

    // What was stored says the same again, and the plan that was stored is the whole plan.
    RunResult again = Run.judgeStored(result.directory(), Report::write);
    assertThat(rulings(again)).isEqualTo(rulings(result));
    assertThat(Run.storedPlan(result.directory().resolve(Run.PLAN))).isEqualTo(result.plan());
  }

  @Test
  void tokensGuardWhatALockIsForWhileMembersAreFrozen() throws IOException {
    RunResult result = carryOut("lock-fenced", "pause");
    assertNothingUnsafe(result);
    assertThat(result.verdicts().of("P3a").ruling()).isEqualTo(Ruling.OK);
  }

  @Test
  void twoHoldersAreFoundWhereALockIsBelievedInWithoutRenewals() throws IOException {
    RunResult result = carryOut("lock-naive", "none");
    assertThat(result.verdicts().of("P3b").violations()).isNotEmpty();
  }

  /** Cut off, clients reach it no more than the other members do, and it comes back elsewhere. */
  @Test
  @Tag("containers")
  void leaderInAContainerIsCutOffWhileClientsRenew() throws IOException {
    RunResult result = carryOut("lease-renew", "partition-leader", Backend.CONTAINERS);
    assertNothingUnsafe(result);
    assertThat(result.verdicts().of("P1").ruling()).isEqualTo(Ruling.OK);
    assertThat(result.counter("leader changes")).isPositive();
    assertThat(result.directory().resolve("cluster/n1.log")).isNotEmptyFile();
  }

  private RunResult carryOut(String workload, String faults) throws IOException {
    return carryOut(workload, faults, Backend.PROCESS);
  }

  private RunResult carryOut(String workload, String faults, Backend backend) throws IOException {
    RunOrder order =
        new RunOrder(
            workload,
            faults,
            SECONDS,
            SEED,
            3,
            backend,
            Target.LEASEHOLD,
            RunOrder.CHECKPOINT_SECONDS,
            RunOrder.SNAPSHOT_COUNT);
    RunPlan plan = RunPlan.of(order);
    Path directory = home.resolve(workload + "-" + faults);
    Skips.unless(order.backend(), plan.cluster(directory));
    Files.createDirectories(directory);
    RunResult result = new Run(plan, directory, System.out, Report::write).carryOut();
    result.print(System.out);
    return result;
  }

  /**
   * Of how soon something happens a busy machine has its say: that is for longer runs to judge. A
   * property of safety is not to be violated on any machine.
   */
  private static void assertNothingUnsafe(RunResult result) {
    List<Verdict> unsafe =
        result.verdicts().each().stream()
            .filter(verdict -> !verdict.property().startsWith("L"))
            .filter(verdict -> verdict.ruling() == Ruling.VIOLATED)
            .toList();
    assertThat(unsafe).isEmpty();
  }

  private static Map<String, Ruling> rulings(RunResult result) {
    return result.verdicts().each().stream()
        .collect(Collectors.toMap(Verdict::property, Verdict::ruling));
  }
}
