package io.leasehold.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.ClusterException;
import io.leasehold.jepsen.nemesis.Schedule.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
final class NemesisTest {
  @TempDir private Path home;

  private final List<FaultReport> told = new ArrayList<>();
  private FakeCluster cluster;
  private Nemesis nemesis;

  @BeforeEach
  void make() {
    cluster = new FakeCluster(home);
    nemesis = new Nemesis(cluster, new RunClock(), told::add);
  }

  private List<FaultReport> run(FaultKind... kinds) {
    Step[] steps = new Step[kinds.length];
    for (int i = 0; i < kinds.length; i++) {
      steps[i] = new Step(kinds[i], 1, 0, 1);
    }
    return nemesis.run(Schedule.script(steps));
  }

  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void everyFaultHappensAndIsHealedBeforeTheEnd(FaultKind kind) {
    FaultReport report = run(kind).get(0);

    assertThat(report.hasHappened()).as(report.toString()).isTrue();
    assertThat(report.isClean()).as(report.toString()).isTrue();
    assertThat(report.window()).isPresent();
    assertThat(report.members()).isNotEmpty();
    assertThat(report.toNanos()).isGreaterThan(report.fromNanos());
    assertThat(told).containsExactly(report);
    // What restoring does at the end must not be what healed it.
    assertThat(callsBeforeRestore()).as("healed by itself").isNotEmpty();
    assertThat(cluster.isWhole()).isTrue();
  }

  private List<String> callsBeforeRestore() {
    return cluster.calls.subList(0, cluster.calls.indexOf("restore"));
  }

  @Test
  void aKilledLeaderIsStartedAgain() {
    run(FaultKind.KILL_LEADER);

    assertThat(callsBeforeRestore()).containsExactly("kill n2", "start n2");
  }

  @Test
  void aWipedMemberComesBackAsItsOwnReplacement() {
    String member = run(FaultKind.WIPE_ONE).get(0).members().iterator().next();

    assertThat(callsBeforeRestore())
        .containsExactly(
            "kill " + member, "wipe " + member, "start " + member + " --replace-member=true");
  }

  @ParameterizedTest
  @EnumSource(
      value = FaultKind.class,
      names = {"FLIP_LOG", "FLIP_SNAPSHOT"})
  void aMemberThatRefusesItsDamagedDataStartsOverWithoutIt(FaultKind kind) {
    FaultReport report = run(kind).get(0);
    String member = report.members().iterator().next();

    assertThat(report.description()).contains(" flipped; it stopped: " + member + " refuses");
    assertThat(callsBeforeRestore())
        .containsExactly(
            "kill " + member,
            "start " + member,
            "kill " + member,
            "aside " + member,
            "start " + member + " --replace-member=true");
  }

  @Test
  void aMemberWhoseDiskFailedStartsAnewWhenTheDiskIsWell() {
    FaultReport report = run(FaultKind.FAILING_DISK_LEADER).get(0);

    assertThat(report.description()).contains("n2 stopped: n2 cannot write");
    assertThat(callsBeforeRestore())
        .containsExactly("refuse n2", "kill n2", "syncs n2", "start n2");
  }

  @Test
  void aSlowDiskIsFastAgainWithoutARestart() {
    run(FaultKind.SLOW_DISK_LEADER);

    assertThat(callsBeforeRestore()).containsExactly("slow n2", "syncs n2");
  }

  @Test
  void clocksJumpToTheTrueTimeAgain() {
    FaultReport report = run(FaultKind.CLOCK_JUMP_LEADER).get(0);

    assertThat(report.description()).containsPattern("wall clock of n2 an hour (ahead|back)");
    assertThat(callsBeforeRestore()).containsExactly("clock n2 wrong", "clock n2 right");
  }

  @Test
  void aBridgeCutsTheLeaderOffFromSomebody() {
    for (long seed = 0; seed < 10; seed++) {
      Fault bridge = FaultKind.PARTITION_BRIDGE.create(seed, Duration.ZERO);
      bridge.inject(cluster);
      assertThat(cluster.leader().map(bridge.members()::contains)).contains(true);
      bridge.heal(cluster);
    }
  }

  @Test
  void linksOfAllOrOfTheLeaderAreBadAndWholeAgain() {
    assertThat(run(FaultKind.LOSSY_LINKS_ALL).get(0).description())
        .containsPattern("links of n1, n2, n3: [123][0-9] % lost");
    assertThat(callsBeforeRestore()).containsExactly("degrade n1 n2 n3", "heal");
    assertThat(run(FaultKind.LATE_LINKS_LEADER).get(0).members()).containsExactly("n2");
  }

  @Test
  void whatWasDoneBeforeAnExceptionIsUndone() {
    cluster.failingOnce.add("pause n2");

    FaultReport report = run(FaultKind.PAUSE_ALL).get(0);

    assertThat(report.complaint()).contains("pause n2 fails");
    assertThat(report.hasHappened()).isFalse();
    assertThat(report.window()).isEmpty();
    assertThat(callsBeforeRestore()).contains("resume n1", "resume n2", "resume n3");
  }

  @Test
  void healingThatFailsIsToldAndMadeUpForAtTheEnd() {
    cluster.failingOnce.add("start n2");

    FaultReport report = run(FaultKind.KILL_ALL).get(0);

    assertThat(report.complaint()).contains("start n2 fails");
    assertThat(callsBeforeRestore()).contains("start n1", "start n3");
    assertThat(cluster.isWhole()).isTrue();
  }

  @Test
  void aListenerThatThrowsLeavesNothingBroken() {
    Nemesis failing =
        new Nemesis(
            cluster,
            new RunClock(),
            report -> {
              throw new IllegalStateException("listener");
            });

    assertThatThrownBy(
            () -> failing.run(Schedule.script(new Step(FaultKind.PARTITION_HALF, 1, 0, 0))))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("listener");
    assertThat(cluster.calls).contains("restore");
    assertThat(cluster.isWhole()).isTrue();
  }

  @Test
  void anInterruptEndsTheRunWithNothingBroken() throws InterruptedException {
    List<Boolean> wasSet = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              nemesis.run(
                  Schedule.script(
                      new Step(FaultKind.KILL_LEADER, 1, 0, 100_000),
                      new Step(FaultKind.KILL_ALL, 1, 0, 100_000)));
              wasSet.add(Thread.currentThread().isInterrupted());
            });
    thread.start();
    thread.interrupt();
    thread.join();

    assertThat(wasSet).containsExactly(true);
    assertThat(cluster.calls).doesNotContain("kill n1");
    assertThat(cluster.isWhole()).isTrue();
  }

  @Test
  void whatTheClusterDoesNotOfferIsNotDone() {
    cluster.capabilities.remove(Capability.CUTS);

    FaultReport report = run(FaultKind.PARTITION_RING).get(0);

    assertThat(report.hasHappened()).isFalse();
    assertThat(report.complaint()).contains("CUTS");
    assertThat(callsBeforeRestore()).isEmpty();
    assertThat(FaultKind.possibleWith(cluster.capabilities))
        .contains(FaultKind.KILL_LEADER)
        .doesNotContain(FaultKind.PARTITION_RING);
  }

  @Test
  void anInterruptBeforeTheFirstStepBeginsNothing() {
    Thread.currentThread().interrupt();

    List<FaultReport> reports = run(FaultKind.KILL_LEADER);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(reports).isEmpty();
  }
}
