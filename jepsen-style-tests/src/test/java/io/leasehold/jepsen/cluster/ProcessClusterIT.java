package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class ProcessClusterIT {
  private static final Duration CHANGE_MAX = Duration.ofSeconds(30);

  @TempDir private Path home;

  @Test
  void aKilledLeaderIsReplacedAndComesBack() throws IOException {
    try (TestCluster cluster =
        Backend.PROCESS.open(ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD))) {
      cluster.start();
      String leader = cluster.leader().orElseThrow();

      cluster.kill(leader);
      assertThat(cluster.isRunning(leader)).isFalse();
      Waits.await("another leads", CHANGE_MAX, () -> !leaderOf(cluster).equals(leader));

      cluster.start(leader);
      cluster.awaitReady(CHANGE_MAX);
      assertThat(cluster.status(leader).getLeader()).isNotZero();
      assertThat(cluster.metrics(leader)).contains("leasehold_raft_term");
    }
  }

  @Test
  void aFrozenLeaderIsReplacedAndGoesOn() {
    try (TestCluster cluster =
        Backend.PROCESS.open(ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD))) {
      cluster.start();
      String leader = cluster.leader().orElseThrow();

      cluster.pause(leader);
      assertThat(cluster.isPaused(leader)).isTrue();
      assertThat(cluster.isRunning(leader)).isTrue();
      Waits.await("another leads", CHANGE_MAX, () -> !leaderOf(cluster).equals(leader));

      cluster.resume(leader);
      cluster.awaitReady(CHANGE_MAX);
      assertThat(cluster.isPaused(leader)).isFalse();
    }
  }

  @Test
  void whateverStateMembersAreInClosingEndsThem() {
    TestCluster cluster = Backend.PROCESS.open(ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD));
    try (cluster) {
      cluster.start();
      cluster.pause("n1");
      cluster.kill("n2");
      Thread.currentThread().interrupt();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(cluster.members()).noneMatch(cluster::isRunning);
    cluster.close();
  }

  @Test
  void restoringBringsBackWhatFaultsLeft() {
    try (TestCluster cluster =
        Backend.PROCESS.open(ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD))) {
      cluster.start();
      cluster.pause("n1");
      cluster.kill("n2");

      cluster.restore();
      cluster.awaitReady(CHANGE_MAX);

      assertThat(cluster.members()).allMatch(cluster::isRunning).noneMatch(cluster::isPaused);
    }
  }

  @Test
  void etcdIsATargetToo() {
    ClusterPlan plan = ClusterPlan.of(home.resolve("c"), Target.ETCD);
    Skips.unless(Backend.PROCESS, plan);
    try (TestCluster cluster = Backend.PROCESS.open(plan)) {
      cluster.start();
      String leader = cluster.leader().orElseThrow();

      cluster.kill(leader);
      Waits.await("another leads", CHANGE_MAX, () -> !leaderOf(cluster).equals(leader));
    }
  }

  private static String leaderOf(TestCluster cluster) {
    return cluster.leader().orElseThrow();
  }
}
