package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.client.Client;
import io.leasehold.jepsen.client.Connections;
import io.leasehold.jepsen.client.MemberChoice;
import io.leasehold.jepsen.client.Processes;
import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is put between a member and its machine does what it says, as seen from outside. */
@Timeout(240)
final class TamperingIT {
  private static final Duration MAX = Duration.ofSeconds(20);

  @TempDir private Path home;

  private final RunClock clock = new RunClock();

  private ClusterPlan plan(int size, Tampering tampering) {
    return ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD)
        .withSize(size)
        .withTampering(tampering);
  }

  private static ClusterPlan skippedUnlessPossible(Backend backend, ClusterPlan plan) {
    Skips.unless(backend, plan);
    return plan;
  }

  private Client client(Connections connections) {
    return new Client(connections, MemberChoice.pinned("n1"), MAX, new Processes(), clock);
  }

  /** Grants a lease, and returns how long it lived by the harness's clock. */
  private Duration lifeOf(Client client, long ttlSeconds) {
    Op granted = client.call(new Request.Grant(0, ttlSeconds));
    long lease = granted.answered(Answer.Granted.class).leaseId();
    Waits.await(
        "the lease ends",
        MAX,
        () ->
            client
                .call(new Request.TimeToLive(lease, false))
                .answered(Answer.TimeLeft.class)
                .isGone());
    return Duration.ofNanos(clock.nowNanos() - granted.invokedNanos());
  }

  @Test
  void aMembersClockRunsAtTheRateThatItWasGiven() throws IOException {
    Tampering fast = new Tampering(false, false, false, List.of(2.0));
    ClusterPlan plan = skippedUnlessPossible(Backend.PROCESS, plan(1, fast));
    try (TestCluster cluster = Backend.PROCESS.open(plan)) {
      cluster.start();
      try (Connections connections = new Connections(cluster)) {
        assertThat(lifeOf(client(connections), 8))
            .isBetween(Duration.ofMillis(3990), Duration.ofMillis(6500));
      }
    }
    try (Stream<Path> left = Files.list(Path.of("/dev/shm"))) {
      assertThat(left.map(Path::toString).filter(file -> file.contains("faketime")))
          .as("left over in shared memory")
          .isEmpty();
    }
  }

  @Test
  void aWallClockJumpsAndLeasesDoNotNotice() throws IOException {
    Tampering shim = new Tampering(true, false, false, List.of());
    ClusterPlan plan = skippedUnlessPossible(Backend.PROCESS, plan(1, shim));
    try (TestCluster cluster = Backend.PROCESS.open(plan)) {
      cluster.start();
      cluster.wallClock("n1").move(3600);
      try (Connections connections = new Connections(cluster)) {
        assertThat(lifeOf(client(connections), 3))
            .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(6));
      }
      cluster.kill("n1");
      cluster.start();

      assertThat(cluster.wallClock("n1").readsMoved()).isPositive();
      List<String> lines = Files.readAllLines(cluster.log("n1"));
      OffsetDateTime first = OffsetDateTime.parse(lines.get(0).split(" ", 2)[0]);
      OffsetDateTime last = OffsetDateTime.parse(lines.get(lines.size() - 1).split(" ", 2)[0]);
      assertThat(Duration.between(first, last)).isGreaterThan(Duration.ofMinutes(59));
    }
  }

  @Test
  void syncsOfDataAreDelayedAndRefused() {
    Tampering shim = new Tampering(true, false, false, List.of());
    ClusterPlan plan = skippedUnlessPossible(Backend.PROCESS, plan(1, shim));
    try (TestCluster cluster = Backend.PROCESS.open(plan)) {
      cluster.start();
      ConcurrentLinkedQueue<String> ended = new ConcurrentLinkedQueue<>();
      cluster.onUnexpectedEnd((member, exitCode) -> ended.add(member + " " + exitCode));
      try (Connections connections = new Connections(cluster)) {
        Client client = client(connections);
        cluster.syncs("n1").delay(Duration.ofMillis(400));
        Op slow = client.call(new Request.Put("key", "slow", 0, false));
        assertThat(slow.isOk()).isTrue();
        assertThat(slow.returnedNanos() - slow.invokedNanos()).isGreaterThan(390_000_000L);
        assertThat(cluster.syncs("n1").delayed()).isPositive();

        cluster.syncs("n1").refuse();
        assertThat(client.call(new Request.Put("key", "lost", 0, false)).isOk()).isFalse();
        assertThat(cluster.syncs("n1").refused()).isPositive();
        Waits.await("the member stops itself", MAX, () -> !cluster.isRunning("n1"));
        Waits.await("that is told", MAX, () -> ended.contains("n1 1"));

        cluster.restore();
        cluster.awaitReady(MAX);
        assertThat(client.call(new Request.Put("key", "well", 0, false)).isOk()).isTrue();
      }
    }
  }

  @Test
  void monotonicClocksBeginFarApartAndMembersAgree() {
    Tampering bases = new Tampering(false, false, true, List.of());
    ClusterPlan plan = skippedUnlessPossible(Backend.PROCESS, plan(3, bases));
    try (TestCluster cluster = Backend.PROCESS.open(plan)) {
      cluster.start();
      assertThat(cluster.leader()).isPresent();
      cluster.pause("n1");
      assertThat(cluster.isPaused("n1")).isTrue();
      cluster.resume("n1");
      cluster.awaitReady(MAX);
    }
  }

  @Test
  void packetsBetweenMembersAreDelayedAndThoseOfClientsAreNot() {
    Tampering wires = new Tampering(false, true, false, List.of());
    ClusterPlan plan = skippedUnlessPossible(Backend.NETNS, plan(3, wires));
    try (TestCluster cluster = Backend.NETNS.open(plan)) {
      cluster.start();
      cluster.degrade(Set.of("n1", "n2", "n3"), Link.delayed(100, 0));
      try (Connections connections = new Connections(cluster)) {
        Client client = client(connections);
        Op put = client.call(new Request.Put("key", "value", 0, false));
        assertThat(put.isOk()).isTrue();
        assertThat(put.returnedNanos() - put.invokedNanos()).isGreaterThan(190_000_000L);
        assertThat(cluster.packetsDegraded()).isPositive();
        long before = clock.nowNanos();
        cluster.status("n1");
        assertThat(clock.nowNanos() - before).isLessThan(190_000_000L);
      }
      cluster.heal();
      cluster.awaitReady(MAX);
    }
  }

  @Test
  void aMemberThatIsKilledDidNotEndByItself() {
    try (TestCluster cluster = Backend.PROCESS.open(plan(1, Tampering.NONE))) {
      ConcurrentLinkedQueue<String> ended = new ConcurrentLinkedQueue<>();
      cluster.onUnexpectedEnd((member, exitCode) -> ended.add(member));
      cluster.start();
      cluster.kill("n1");
      cluster.start();
      cluster.stop("n1");

      assertThat(ended).isEmpty();
    }
  }
}
