package io.leasehold.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.raft.cluster.Await;
import io.leasehold.raft.cluster.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Links that break, stall and come back. */
@Timeout(120)
class LinkFaultsTest {
  private static final int FAULTS = 24;
  private static final long FAULT_NANOS_MAX = 900_000_000;

  @TempDir Path root;

  @Test
  void aLeaderThatNobodyReachesIsReplacedAndFollowsOnceHealed() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      String former = cluster.awaitLeader();
      Replica replica = cluster.replica(former);
      long term = replica.leadership().term();
      // Nothing that others send arrives; what it says still does, except on what was open before.
      cluster.names().stream()
          .filter(name -> !name.equals(former))
          .forEach(name -> cluster.link(name).stall());
      cluster.link(former).stall();
      Await.until(
          "the former leader gives up",
          LocalCluster.PATIENCE,
          () -> !replica.leadership().isLeader());
      assertThat(replica.isCertainlyLeader(term)).isFalse();
      cluster.names().forEach(name -> cluster.link(name).heal());
      cluster.awaitLeader();
      assertThat(cluster.grant(1)).isEqualTo(new Outcome.Granted(1, 600_000));
      cluster.awaitSameState();
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void leaderThatHearsNothingForAnElectionTimeoutLeadsOn() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      Replica replica = cluster.replica(cluster.awaitLeader());
      long stalledNanos = System.nanoTime();
      cluster.names().forEach(name -> cluster.link(name).stall());
      Await.until(
          "the leader gives up", LocalCluster.PATIENCE, () -> !replica.leadership().isLeader());
      assertThat(Duration.ofNanos(System.nanoTime() - stalledNanos))
          .isGreaterThan(Duration.ofMillis(LocalCluster.ELECTION_TIMEOUT_MILLIS));
    }
  }

  /**
   * Cuts, stalls, refusals and restarts at random, one after the other and overlapping, while
   * leases are granted; afterwards there is a leader, every acknowledged lease is there, and all
   * members hold the same state. Repeat a run with {@code -Dleasehold.seed=}.
   */
  @Test
  void faultsOfManyKindsEndWithALeaderAndOneState() {
    long seed = Long.getLong("leasehold.seed", 42);
    Random random = new Random(seed);
    List<CompletableFuture<ProposalResult>> grants = new ArrayList<>();
    try (LocalCluster cluster = LocalCluster.started(root, 3, 200)) {
      long nextLease = 1;
      for (int i = 0; i < FAULTS; i++) {
        String victim = cluster.names().get(random.nextInt(3));
        disturb(cluster, victim, random.nextInt(5));
        long until = System.nanoTime() + (long) (random.nextDouble() * FAULT_NANOS_MAX);
        while (System.nanoTime() - until < 0) {
          for (String name : cluster.runningNames()) {
            if (cluster.replica(name).leadership().isLeader()) {
              grants.add(
                  cluster.propose(
                      name, new io.leasehold.core.command.Command.Grant(nextLease++, 600_000)));
            }
          }
          LockSupport.parkNanos(2_000_000);
        }
        if (random.nextInt(3) > 0) {
          cluster.names().forEach(name -> cluster.link(name).heal());
        }
      }
      cluster.names().forEach(name -> cluster.link(name).heal());
      cluster.startAll();
      cluster.awaitLeader();
      cluster.grant(Long.MAX_VALUE);
      cluster.awaitSameState();
      assertAcknowledgedLeasesAreThere(cluster, grants, seed);
      assertThat(cluster.fatalLines()).as("seed %d", seed).isEmpty();
    }
  }

  private static void disturb(LocalCluster cluster, String victim, int kind) {
    switch (kind) {
      case 0 -> cluster.link(victim).cut();
      case 1 -> cluster.link(victim).refuse();
      case 2 -> cluster.link(victim).stall();
      case 3 -> cluster.names().forEach(name -> cluster.link(name).cut());
      default -> {
        cluster.stop(victim);
        cluster.start(victim);
      }
    }
  }

  private static void assertAcknowledgedLeasesAreThere(
      LocalCluster cluster, List<CompletableFuture<ProposalResult>> grants, long seed) {
    int acknowledged = 0;
    for (CompletableFuture<ProposalResult> grant : grants) {
      ProposalResult result = LocalCluster.await(grant);
      if (result instanceof ProposalResult.Applied applied
          && applied.outcome() instanceof Outcome.Granted granted) {
        acknowledged++;
        for (String name : cluster.names()) {
          assertThat(cluster.replica(name).leases().get(granted.leaseId()))
              .as("lease %d on %s, seed %d", granted.leaseId(), name, seed)
              .isNotNull();
        }
      }
    }
    assertThat(acknowledged).as("acknowledged grants, seed %d", seed).isPositive();
  }

  @Test
  void aHealedFollowerIsBackWithinAFewElectionTimeouts() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      String follower = cluster.follower();
      String leader = cluster.awaitLeader();
      cluster.link(follower).refuse();
      // Straight to the leader: the follower will soon not know of any.
      for (int id = 1; id <= 3; id++) {
        assertThat(LocalCluster.await(cluster.propose(leader, new Command.Grant(id, 600_000))))
            .isInstanceOf(ProposalResult.Applied.class);
      }
      cluster.link(follower).heal();
      Await.until(
          "the follower applies again",
          Duration.ofSeconds(5),
          () -> cluster.replica(follower).leases().size() == 3);
    }
  }
}
