package io.leasehold.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Outcome;
import io.leasehold.raft.cluster.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members that stop, come back, fall behind and move. */
@Timeout(90)
class RestartTest {
  @TempDir Path root;

  @Test
  void aClosingLeaderHandsOverFirst() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      String former = cluster.awaitLeader();
      long begun = System.nanoTime();
      cluster.stop(former, Duration.ofSeconds(10));
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      String next = cluster.awaitLeader();
      assertThat(next).isNotEqualTo(former);
      assertThat(cluster.grant(1)).isEqualTo(new Outcome.Granted(1, 600_000));
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void aRestartOfAllMembersKeepsTheStateAndAppliesNothingTwice() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 20)) {
      cluster.grantEach(1, 50);
      cluster.awaitMembersOnRecord("n1");
      cluster.awaitSameState();
      Replica.Status before = cluster.replica("n1").status();
      cluster.stopAll();
      cluster.startAll();
      cluster.awaitLeader();
      assertThat(cluster.grant(50)).isEqualTo(new Outcome.LeaseExists(50));
      cluster.awaitSameState();
      for (String name : cluster.names()) {
        assertThat(cluster.replica(name).leases().size()).isEqualTo(50);
        assertThat(cluster.replica(name).status().stateHash()).isEqualTo(before.stateHash());
        assertThat(cluster.replica(name).status().appliedIndex())
            .isGreaterThanOrEqualTo(before.appliedIndex());
      }
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void aMemberThatHasHeardOfNoLeaderYetKnowsItsTerm() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      cluster.grant(1);
      cluster.awaitSameState();
      long term = cluster.replica("n1").status().term();
      cluster.stopAll();
      cluster.start("n1");
      assertThat(cluster.replica("n1").status().term()).isGreaterThanOrEqualTo(term);
      // What the headers of answers say.
      assertThat(cluster.replica("n1").leadership().term()).isGreaterThanOrEqualTo(term);
    }
  }

  @Test
  void aFollowerThatMissedTheLogCatchesUpBySnapshot() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 25)) {
      cluster.grantEach(1, 5);
      String follower = cluster.follower();
      cluster.stop(follower);
      cluster.grantEach(100, 150);
      cluster.start(follower);
      cluster.awaitLeader();
      cluster.awaitSameState();
      assertThat(cluster.replica(follower).leases().size()).isEqualTo(155);
      assertThat(cluster.dataDirectory(follower).resolve("raft").resolve("snapshot"))
          .isNotEmptyDirectory();
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void aMemberThatMovedIsFoundAgain() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      String follower = cluster.follower();
      cluster.stop(follower);
      cluster.move(follower);
      cluster.grantEach(1, 5);
      cluster.start(follower);
      cluster.awaitSameState();
      assertThat(cluster.replica(follower).leases().size()).isEqualTo(5);
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void aClusterOfOneServesAndRestarts() {
    try (LocalCluster cluster = LocalCluster.started(root, 1, 20)) {
      cluster.grantEach(1, 30);
      Replica replica = cluster.replica("n1");
      long term = replica.leadership().term();
      assertThat(LocalCluster.await(LocalCluster.readBarrier(replica))).isTrue();
      assertThat(LocalCluster.await(LocalCluster.leaderBarrier(replica, term))).isTrue();
      cluster.stop("n1", Duration.ofSeconds(5));
      cluster.start("n1");
      cluster.awaitLeader();
      assertThat(cluster.grant(30)).isEqualTo(new Outcome.LeaseExists(30));
      assertThat(cluster.replica("n1").leases().size()).isEqualTo(30);
    }
  }
}
