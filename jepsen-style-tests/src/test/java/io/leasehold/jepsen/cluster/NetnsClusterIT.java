package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class NetnsClusterIT {
  private static final Duration CHANGE_MAX = Duration.ofSeconds(30);

  @TempDir private Path home;

  @Test
  void aLeaderThatIsCutOffIsReplacedAndStillAnswersClients() {
    ClusterPlan plan = ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD);
    Skips.unless(Backend.NETNS, plan);
    try (TestCluster cluster = Backend.NETNS.open(plan)) {
      cluster.start();
      String leader = cluster.leader().orElseThrow();

      Set<DirectedPair> cuts = new HashSet<>();
      for (String other : cluster.members()) {
        if (!other.equals(leader)) {
          cuts.add(new DirectedPair(leader, other));
          cuts.add(new DirectedPair(other, leader));
        }
      }
      cluster.cut(cuts);
      Waits.await(
          "another leads", CHANGE_MAX, () -> !cluster.leader().orElseThrow().equals(leader));
      assertThat(cluster.status(leader).getVersion()).isNotEmpty();
      assertThat(cluster.packetsCut()).isPositive();

      cluster.heal();
      cluster.awaitReady(CHANGE_MAX);
    }
    String tag = "lj" + Owner.currentPid();
    assertThat(Commands.run("ip", "netns", "list")).doesNotContain(tag);
    assertThat(Commands.run("ip", "link", "show")).doesNotContain(tag);
    assertThat(Commands.run("nft", "list", "tables")).doesNotContain(tag);
  }
}
