package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ContainerClusterTest {
  private static final List<String> MEMBERS = List.of("n1", "n2", "n3");
  private static final String REPLACE = "--replace-member=true";

  @TempDir private Path home;
  private final MadeUpEngine engine = new MadeUpEngine(MEMBERS);
  private final List<String> unexpected = new ArrayList<>();
  private TestCluster cluster;

  @BeforeEach
  void start() {
    cluster = open(engine);
    // Each by itself: a start of all waits for what members say.
    MEMBERS.forEach(cluster::start);
    cluster.onUnexpectedEnd((member, exitCode) -> unexpected.add(member + " " + exitCode));
    engine.calls.clear();
  }

  private TestCluster open(MadeUpEngine with) {
    // Nobody listens there: what members say is no part of this.
    Endpoint nowhere = new Endpoint("127.0.0.1", 1);
    Map<String, ContainerCluster.Places> places =
        MEMBERS.stream()
            .collect(
                Collectors.toMap(
                    member -> member, member -> new ContainerCluster.Places(nowhere, nowhere)));
    return ContainerCluster.open(ClusterPlan.of(home, Target.LEASEHOLD), places, with);
  }

  @AfterEach
  void close() {
    engine.failing.clear();
    cluster.close();
  }

  @Test
  void aMemberThatEndsAtOnceEndsTheStartWithWhatItWrote() {
    MadeUpEngine other = new MadeUpEngine(MEMBERS);
    other.endingAtOnce.add("n2");
    try (TestCluster begun = open(other)) {
      assertThatThrownBy(begun::start)
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("n2 has ended")
          .hasMessageContaining("container 1 of n2");
    }
    assertThat(other.calls).startsWith("up").endsWith("close");
  }

  @Test
  void faultsAreCommandsOfTheEngine() {
    cluster.kill("n1");
    assertThat(cluster.isRunning("n1")).isFalse();
    cluster.start("n1");
    assertThat(cluster.stop("n2")).isZero();
    cluster.start("n2");
    cluster.pause("n3");
    assertThat(cluster.isPaused("n3")).isTrue();
    assertThat(cluster.isRunning("n3")).isTrue();
    cluster.resume("n3");
    assertThat(cluster.isPaused("n3")).isFalse();

    assertThat(engine.calls)
        .containsExactly("kill n1", "start n1", "stop n2", "start n2", "pause n3", "unpause n3");
    assertThat(unexpected).isEmpty();
  }

  @Test
  void whatIsDoneAlreadyIsNotAskedForAgain() {
    cluster.kill("n1");
    cluster.kill("n1");
    cluster.pause("n1");
    cluster.resume("n1");
    cluster.start("n2");
    cluster.resume("n3");

    assertThat(engine.calls).containsExactly("kill n1");
  }

  @Test
  void whoCannotBeFrozenAtOnceIsFrozenSoon() {
    engine.failingTimes.put("pause n1", 2);
    cluster.pause("n1");

    assertThat(cluster.isPaused("n1")).isTrue();
    assertThat(engine.calls).containsExactly("pause n1", "pause n1", "pause n1");
    engine.failing.add("pause n2");
    assertThatThrownBy(() -> cluster.pause("n2")).hasMessageContaining("pause n2");
  }

  @Test
  void aFrozenMemberIsStoppedAfterItWasWoken() {
    cluster.pause("n1");
    cluster.stop("n1");

    assertThat(engine.calls).containsExactly("pause n1", "unpause n1", "stop n1");
  }

  @Test
  void aMemberThatEndsByItselfIsToldWithItsExitCode() {
    engine.end("n2", 70);

    assertThat(unexpected).containsExactly("n2 70");
    assertThat(cluster.isRunning("n2")).isFalse();
  }

  @Test
  void aMemberThatLostItsVolumeTakesItsOldPlaceOnce() throws Exception {
    assertThatThrownBy(() -> cluster.wipe("n1")).hasMessageContaining("n1 runs");
    cluster.kill("n1");
    cluster.wipe("n1");
    cluster.start("n1", REPLACE);
    cluster.kill("n1");
    cluster.start("n1");
    cluster.kill("n1");
    cluster.start("n1");

    assertThat(engine.calls)
        .containsExactly(
            "kill n1",
            "remove n1",
            "make n1 for the lost one",
            "kill n1",
            "make n1",
            "kill n1",
            "start n1");
    // With each container goes what it wrote; the log has it all.
    assertThat(Files.readAllLines(cluster.log("n1")))
        .containsExactly("container 1 of n1", "container 2 of n1", "container 3 of n1");
    assertThat(Files.readAllLines(cluster.log("n1"))).hasSize(3);
  }

  @Test
  void aMemberThatIsCutOffIsTakenOffTheNetworkUntilItIsHealed() {
    cluster.cut(isolated("n2"));
    cluster.cut(isolated("n3"));
    cluster.heal();
    cluster.heal();

    assertThat(engine.calls).containsExactly("detach n2", "attach n2", "detach n3", "attach n3");
  }

  @Test
  void packetsThatFoundNoWayAreTheCutsOwn() {
    engine.packets.put("n2", 5L);
    cluster.cut(isolated("n2"));
    assertThat(cluster.packetsCut()).isZero();
    engine.packets.put("n2", 12L);
    assertThat(cluster.packetsCut()).isEqualTo(7);
    cluster.heal();
    engine.packets.put("n2", 20L);

    assertThat(cluster.packetsCut()).isEqualTo(7);
  }

  @Test
  void cutsOfSingleDirectionsAreRefusedAndNothingIsDone() {
    Set<DirectedPair> deaf = Set.of(new DirectedPair("n1", "n2"), new DirectedPair("n3", "n2"));

    assertThatThrownBy(() -> cluster.cut(deaf))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("n1>n2");
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void whatIsOnTheDiskOfAContainerIsOutOfReach() {
    assertThat(cluster.capabilities())
        .containsExactlyInAnyOrder(
            Capability.PROCESSES, Capability.ISOLATION, Capability.REPLACEMENT);
    assertThatThrownBy(() -> cluster.dataDirectory("n1"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> cluster.start("n1", "--name=x"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("--name=x");
  }

  @Test
  void whatTheEngineCannotDoIsSaidAndTheRestIsRestored() {
    cluster.cut(isolated("n1"));
    cluster.pause("n2");
    cluster.kill("n3");
    engine.calls.clear();
    engine.failing.add("attach n1");

    assertThatThrownBy(() -> cluster.restore())
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("attach n1");
    assertThat(engine.calls).containsExactly("attach n1", "unpause n2", "start n3");

    engine.failing.clear();
    assertThatCode(() -> cluster.heal()).doesNotThrowAnyException();
    assertThat(engine.calls).endsWith("attach n1");
  }

  @Test
  void everythingIsRemovedAtTheEndWhateverFails() {
    engine.failing.add("kill n2");

    assertThatThrownBy(() -> cluster.close()).hasMessageContaining("kill n2");
    assertThat(engine.calls).containsExactly("kill n1", "kill n2", "kill n3", "close");
    assertThat(home.resolve("n2.log")).isNotEmptyFile();
    cluster.close();
    assertThat(engine.calls).hasSize(4);
    assertThatThrownBy(() -> cluster.start("n1")).hasMessageContaining("closed");
  }

  private static Set<DirectedPair> isolated(String member) {
    Set<DirectedPair> cuts = new HashSet<>();
    for (String other : MEMBERS) {
      if (!other.equals(member)) {
        cuts.add(new DirectedPair(member, other));
        cuts.add(new DirectedPair(other, member));
      }
    }
    return cuts;
  }
}
