package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leases that nobody renews, while leaders change: they end in time all the same. */
@Timeout(240)
final class CheckpointIT {
  private static final int LEASES = 20;
  private static final double TTL_SECONDS = 60;
  private static final double CHECKPOINT_SECONDS = 5;
  private static final double ELECTION_SECONDS = 1;

  @TempDir Path killed;
  @TempDir Path restarted;

  /** What looking for the leases takes, at the most. */
  private static final double LOOK_SECONDS = 1;

  /** The two clusters run side by side: each scenario is a minute of waiting. */
  @Test
  void unrenewedLeaseEndsInTimeAcrossLeaderKillsAndAfterARestartOfAllMembers() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<Lifetime>> lifetimes =
          pool.invokeAll(List.<Callable<Lifetime>>of(this::threeLeaderKills, this::fullRestart));
      Lifetime afterKills = lifetimes.get(0).get();
      Lifetime afterRestart = lifetimes.get(1).get();
      double each = CHECKPOINT_SECONDS + ELECTION_SECONDS;
      System.out.printf(
          "Unrenewed leases of 60 s, checkpoint interval 5 s: three leader kills: %.1f to %.1f s;"
              + " restart of all members, %.1f s without a quorum: %.1f to %.1f s%n",
          afterKills.shortest,
          afterKills.longest,
          afterRestart.outage,
          afterRestart.shortest,
          afterRestart.longest);
      assertThat(afterKills.shortest).isGreaterThanOrEqualTo(TTL_SECONDS);
      assertThat(afterKills.longest)
          .isLessThanOrEqualTo(
              Math.max(TTL_SECONDS + 3 * each, afterKills.lookedFrom) + LOOK_SECONDS);
      assertThat(afterRestart.shortest).isGreaterThanOrEqualTo(TTL_SECONDS);
      // While no quorum is up nothing can end.
      assertThat(afterRestart.longest)
          .isLessThanOrEqualTo(
              Math.max(TTL_SECONDS + afterRestart.outage + each, afterRestart.lookedFrom)
                  + LOOK_SECONDS);
    } finally {
      pool.shutdownNow();
    }
  }

  /**
   * How long leases lived, in seconds: the shortest life counted from the moment the first grant
   * was sent to the sight of the first end, the longest from the last grant's answer to the sight
   * of the last end; how long there was no quorum meanwhile; and when, after the last grant's
   * answer, the faults were over and looking began.
   */
  private record Lifetime(double shortest, double longest, double outage, double lookedFrom) {}

  private Lifetime threeLeaderKills() {
    try (Cluster cluster = Cluster.start(killed, "--lease-checkpoint-interval", "5s")) {
      return lifetimeWhile(
          cluster,
          () -> {
            for (int kill = 0; kill < 3; kill++) {
              Conditions.letPass(Duration.ofSeconds(11));
              MemberProcess leader = cluster.leader();
              leader.kill();
              cluster.leader();
              leader.start();
              cluster.awaitReady();
            }
            return 0.0;
          });
    }
  }

  private Lifetime fullRestart() {
    try (Cluster cluster = Cluster.start(restarted, "--lease-checkpoint-interval", "5s")) {
      return lifetimeWhile(
          cluster,
          () -> {
            Conditions.letPass(Duration.ofSeconds(17));
            long killedNanos = System.nanoTime();
            cluster.members().forEach(MemberProcess::kill);
            cluster.members().forEach(MemberProcess::start);
            cluster.awaitReady();
            return (System.nanoTime() - killedNanos) / 1e9;
          });
    }
  }

  /** Grants leases, has something done that returns for how long no quorum was up, and waits. */
  private static Lifetime lifetimeWhile(Cluster cluster, Supplier<Double> faults) {
    long sentNanos = System.nanoTime();
    List<Long> leases = Grants.many(cluster.members(), LEASES, (long) TTL_SECONDS, 4);
    long grantedNanos = System.nanoTime();
    double outage = faults.get();
    Set<Long> aliveAfterFaults = leasesOf(cluster);
    double sinceGrants = (System.nanoTime() - sentNanos) / 1e9;
    // On a machine so busy that the faults took longer than that, leases may have ended by now.
    if (sinceGrants < TTL_SECONDS) {
      assertThat(aliveAfterFaults)
          .as("alive %.1f s after the first grant", sinceGrants)
          .containsAll(leases);
    }
    double lookedFrom = (System.nanoTime() - grantedNanos) / 1e9;
    double[] ends = new double[2];
    Conditions.await(
        "every lease has ended",
        Duration.ofSeconds(90),
        () -> {
          Set<Long> alive = leasesOf(cluster);
          long now = System.nanoTime();
          if (ends[0] == 0 && !alive.containsAll(leases)) {
            ends[0] = (now - sentNanos) / 1e9;
          }
          ends[1] = (now - grantedNanos) / 1e9;
          return leases.stream().noneMatch(alive::contains);
        });
    return new Lifetime(ends[0], ends[1], outage, lookedFrom);
  }

  private static Set<Long> leasesOf(Cluster cluster) {
    return Cluster.leaseIds(cluster.running().get(0));
  }
}
