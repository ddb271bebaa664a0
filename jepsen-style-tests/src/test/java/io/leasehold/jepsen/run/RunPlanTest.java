package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.leasehold.jepsen.check.Belief;
import io.leasehold.jepsen.cluster.Backend;
import io.leasehold.jepsen.cluster.Tampering;
import io.leasehold.jepsen.cluster.Target;
import io.leasehold.jepsen.history.Json;
import io.leasehold.jepsen.nemesis.FaultKind;
import io.leasehold.jepsen.workload.Workloads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunPlanTest {
  private static final RunOrder ORDER =
      new RunOrder("lease-renew", "kill", 60, 7, 3, Backend.PROCESS, Target.LEASEHOLD, 5, 2000);

  @Test
  void aPlanIsStoredAndReadAgain() {
    RunPlan plan = RunPlan.of(ORDER.withFaults("mixed"));

    assertThat(Json.read(Json.writeIndented(plan), RunPlan.class)).isEqualTo(plan);
  }

  @Test
  void theSameSeedMeansTheSameFaults() {
    assertThat(RunPlan.of(ORDER)).isEqualTo(RunPlan.of(ORDER));
    assertThat(RunPlan.of(ORDER.withSeed(8)).schedule()).isNotEqualTo(RunPlan.of(ORDER).schedule());
  }

  @Test
  void faultsFillTheTimeThatIsAskedFor() {
    assertThat(RunPlan.of(ORDER).schedule().length()).isGreaterThan(Duration.ofSeconds(60));
    assertThat(RunPlan.of(ORDER.withFaults("none")).schedule().steps()).isEmpty();
  }

  @Test
  void cutsAreLeftOutWhereNothingCanBeCut() {
    RunOrder mixed =
        new RunOrder("lease-renew", "mixed", 600, 7, 3, Backend.PROCESS, Target.LEASEHOLD, 5, 2000);

    assertThat(RunPlan.of(mixed).schedule().steps())
        .isNotEmpty()
        .noneMatch(step -> step.kind().name().startsWith("PARTITION"));
    assertThat(RunPlan.of(mixed.withFaults("mixed")).schedule().steps())
        .anyMatch(step -> step.kind().name().startsWith("PARTITION"));
    assertThatThrownBy(
            () ->
                RunPlan.of(
                    new RunOrder(
                        "set", "partition", 60, 7, 3, Backend.PROCESS, Target.ETCD, 5, 2000)))
        .hasMessageContaining("not possible");
  }

  private static RunOrder inContainers(String faults) {
    return new RunOrder(
        "lease-renew", faults, 600, 7, 3, Backend.CONTAINERS, Target.LEASEHOLD, 5, 2000);
  }

  @Test
  void ofAGroupContainersDoWhatTheyCanAndTheRunSaysWhatIsLeftOut() {
    RunPlan mixed = RunPlan.of(inContainers("mixed"));

    assertThat(mixed.schedule().steps().stream().map(step -> step.kind()).distinct())
        .containsExactlyInAnyOrder(
            FaultKind.KILL_ONE,
            FaultKind.KILL_LEADER,
            FaultKind.KILL_ALL,
            FaultKind.PAUSE_ONE,
            FaultKind.PAUSE_LEADER,
            FaultKind.PAUSE_ALL,
            FaultKind.STOP_LEADER,
            FaultKind.ROLLING_RESTART,
            FaultKind.LEADER_TRANSFERS,
            FaultKind.WIPE_ONE,
            FaultKind.PARTITION_ONE,
            FaultKind.PARTITION_LEADER);
    assertThat(mixed.leftOut()).hasSize(1);
    assertThat(mixed.leftOut().get(0))
        .contains("PARTITION_RING", "CLOCK_JUMP_ONE", "not possible with containers");
    assertThat(mixed.tampering()).isEqualTo(Tampering.NONE);
    assertThat(RunPlan.of(inContainers("kill")).leftOut()).isEmpty();
  }

  @Test
  void aFaultAskedForByItsNameIsRefusedWhereItCannotBeDone() {
    assertThatThrownBy(() -> RunPlan.of(inContainers("KILL_ONE,PARTITION_RING")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("faults PARTITION_RING: not possible with containers");
    assertThatThrownBy(() -> RunPlan.of(inContainers("disk-full")))
        .hasMessageContaining("disk-full: not possible with containers");
  }

  @Test
  void aSeriesOfRunsInContainersStaysThere() {
    assertThat(inContainers("kill").withFaults("partition").backend())
        .isEqualTo(Backend.CONTAINERS);
    assertThat(new Arguments(List.of("--backend", "containers")).order().backend())
        .isEqualTo(Backend.CONTAINERS);
  }

  @Test
  void whatDoesNotHappenMakesTheRunInvalid() {
    assertThat(RunPlan.of(ORDER.withFaults("leader-kill")).parameters().minimums())
        .containsEntry("faults", 2.0)
        .containsEntry("leader changes", 2.0)
        .containsEntry("ops ok", 900.0)
        .containsEntry("fault KILL_LEADER", 1.0)
        .containsKey("renewals acknowledged");
    assertThat(RunPlan.of(ORDER.withFaults("none")).parameters().minimums())
        .doesNotContainKey("faults");
  }

  @Test
  void renewalsAreOnlyPromisedWhileAMajorityIsWhole() {
    assertThat(RunPlan.of(ORDER).parameters().minorityFaultsOnly()).isTrue();
    assertThat(RunPlan.of(ORDER.withFaults("restart-all")).parameters().minorityFaultsOnly())
        .isFalse();
    assertThat(RunPlan.of(ORDER.withFaults("restart-all")).parameters().quorumLossFaults())
        .containsExactlyInAnyOrder("KILL_ALL", "STOP_ALL");
  }

  @Test
  void aRingOfThreeHasNoMajorityAndOneOfFiveHas() {
    assertThat(partitions(3).parameters().quorumLossFaults()).containsExactly("PARTITION_RING");
    assertThat(partitions(5).parameters().quorumLossFaults()).isEmpty();
  }

  private static RunPlan partitions(int size) {
    return RunPlan.of(
        new RunOrder("set", "partition", 60, 7, size, Backend.NETNS, Target.LEASEHOLD, 5, 2000));
  }

  @Test
  void membersThatNeverGoDownHaveLessTimeToServeAgain() {
    assertThat(recoverySeconds("kill")).isEqualTo(15);
    assertThat(recoverySeconds("mixed")).isEqualTo(15);
    assertThat(recoverySeconds("partition")).isEqualTo(10);
    assertThat(RunPlan.of(ORDER.withFaults("pause")).startsMembers()).isFalse();
    assertThat(RunPlan.of(ORDER.withFaults("failing-disk")).startsMembers()).isTrue();
  }

  private static long recoverySeconds(String faults) {
    return TimeUnit.NANOSECONDS.toSeconds(
        RunPlan.of(ORDER.withFaults(faults)).parameters().recoveryNanosMax());
  }

  @Test
  void clocksOfOtherRatesAreAllowedForAndTrueOnesAreNot() {
    RunPlan rates = RunPlan.of(ORDER.withFaults("clock-rate"));

    assertThat(rates.tampering().clockRates()).containsExactly(1.05, 0.95, 1.0);
    assertThat(rates.parameters().rho()).isCloseTo(0.05, within(1e-9));
    assertThat(RunPlan.of(ORDER.withFaults("clock")).parameters().rho()).isZero();
    assertThat(RunPlan.of(ORDER).tampering()).isEqualTo(Tampering.NONE);
  }

  @Test
  void aWallClockThatJumpsIsNoExcuseForLateness() {
    assertThat(
            RunPlan.of(ORDER.withFaults("clock")).parameters().latenessNanosMaxByFault().values())
        .containsOnly(0L);
  }

  @Test
  void whatFaultsNeedIsPutBetweenMembersAndTheirMachine() {
    assertThat(RunPlan.of(ORDER.withFaults("slow-disk")).tampering().shim()).isTrue();
    assertThat(RunPlan.of(ORDER.withFaults("lossy-links-all")).tampering())
        .isEqualTo(Tampering.NONE);
    assertThat(RunPlan.of(ORDER.withFaults("late-links-all")).tampering().wires()).isTrue();
    assertThat(ORDER.withFaults("slow-network").backend()).isEqualTo(Backend.NETNS);
  }

  @Test
  void lockNaiveIsJudgedByWhatItsClientsBelieve() {
    assertThat(RunPlan.of(ORDER.withWorkload("lock-naive")).parameters().belief())
        .isEqualTo(Belief.UNTIL_RELEASE);
    assertThat(RunPlan.of(ORDER.withWorkload("lock-fenced")).parameters().belief())
        .isEqualTo(Belief.UNTIL_DEADLINE);
  }

  static List<String> workloads() {
    return Workloads.names();
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void everyWorkloadCanBePlannedAndWantsSomethingToHappen(String workload) {
    assertThat(RunPlan.of(ORDER.withWorkload(workload)).parameters().minimums())
        .containsKey("ops ok");
  }

  static List<String> groups() {
    return FaultGroup.names();
  }

  @ParameterizedTest
  @MethodSource("groups")
  void everyGroupOfFaultsCanBePlanned(String group) {
    assertThat(RunPlan.of(ORDER.withFaults(group)).order().faults()).isEqualTo(group);
  }

  @Test
  void singleFaultsAreNamedWithCommasBetweenThem() {
    assertThat(FaultGroup.of("kill-leader,PAUSE_ONE").kinds())
        .containsExactly(FaultKind.KILL_LEADER, FaultKind.PAUSE_ONE);
    assertThatThrownBy(() -> FaultGroup.of("earthquake")).hasMessageContaining("leader-kill");
    assertThatThrownBy(() -> RunPlan.of(ORDER.withWorkload("juggling")))
        .hasMessageContaining("lease-renew");
  }

  @Test
  void theCommandSaysTheWholeOrderAgain() {
    List<String> words = List.of(ORDER.command().split(" ", -1));

    assertThat(words.subList(0, 2)).containsExactly("./jepsen-style-tests/jepsen", "run");
    assertThat(new Arguments(words.subList(2, words.size())).order()).isEqualTo(ORDER);
  }

  @Test
  void aSeriesMayNameSeveralWorkloadsAndGroups() {
    Arguments arguments =
        new Arguments(List.of("--faults", "kill,partition", "--workload", "set,watch"));

    assertThat(arguments.names("faults", List.of())).containsExactly("kill", "partition");
    assertThat(arguments.order("kill", 40).seconds()).isEqualTo(40);
    assertThat(arguments.order("partition", 40).backend()).isEqualTo(Backend.NETNS);
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThatThrownBy(() -> new Arguments(List.of("--sede", "1"))).hasMessageContaining("--sede");
    assertThatThrownBy(() -> new Arguments(List.of("--seed"))).hasMessageContaining("no value");
    assertThatThrownBy(() -> new Arguments(List.of("--seed", "x")).order())
        .hasMessageContaining("is no number");
    assertThatThrownBy(() -> new Arguments(List.of("--seconds", "1")).order())
        .hasMessageContaining("seconds 1");
  }
}
