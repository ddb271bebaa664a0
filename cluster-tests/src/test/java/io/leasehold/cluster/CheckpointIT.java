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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leases that nobody renews, while leaders change: they end in time all the same. */
@Tag("long")
@Timeout(240)
final class CheckpointIT {
  private static final int LEASES = 20;
  private static final double TTL_SECONDS = 60;
  private static final double CHECKPOINT_SECONDS = 5;

  /** What looking for the leases takes, at the most. */
  private static final double LOOK_SECONDS = 1;

  /** How often the one lease is renewed that shows whether there is a leader. */
  private static final Duration PULSE = Duration.ofMillis(100);

  @TempDir Path killed;
  @TempDir Path restarted;

  /** The two clusters run side by side: each scenario is a minute of waiting. */
  @Test
  void unrenewedLeaseEndsInTimeAcrossLeaderKillsAndAfterARestartOfAllMembers() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<Lifetime>> lifetimes =
          pool.invokeAll(List.<Callable<Lifetime>>of(this::threeLeaderKills, this::fullRestart));
      Lifetime afterKills = lifetimes.get(0).get();
      Lifetime afterRestart = lifetimes.get(1).get();
      System.out.println(
          "Unrenewed leases of 60 s, checkpoint interval 5 s\n  three leader kills: "
              + afterKills
              + "\n  restart of all members: "
              + afterRestart);
      assertThat(afterKills.changes).isGreaterThanOrEqualTo(3);
      assertThat(afterRestart.changes).isGreaterThanOrEqualTo(1);
      for (Lifetime lifetime : List.of(afterKills, afterRestart)) {
        assertThat(lifetime.shortest).isGreaterThanOrEqualTo(TTL_SECONDS);
        assertThat(lifetime.longest)
            .as("%s", lifetime)
            .isLessThanOrEqualTo(lifetime.longestAllowed());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /**
   * How long leases lived, in seconds: the shortest life counted from the moment the first grant
   * was sent to the sight of the first end, the longest from the last grant's answer to the sight
   * of the last end.
   *
   * <p>With what may lengthen them: how often the term changed, which on a busy machine is more
   * often than members were killed; how long nothing was renewed, since without a leader nothing
   * ends; and when the faults were over and looking began.
   */
  private record Lifetime(
      double shortest, double longest, long changes, double paused, double lookedFrom) {
    /** A new leader counts on from the last checkpoint. */
    double longestAllowed() {
      double end = TTL_SECONDS + changes * CHECKPOINT_SECONDS + paused;
      return Math.max(end, lookedFrom) + LOOK_SECONDS;
    }

    @Override
    public String toString() {
      return String.format(
          "lived %.1f to %.1f s, %.1f s allowed: %d changes of the term, %.1f s without a leader,"
              + " looked from %.1f s",
          shortest, longest, longestAllowed(), changes, paused, lookedFrom);
    }
  }

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
          });
    }
  }

  private Lifetime fullRestart() {
    try (Cluster cluster = Cluster.start(restarted, "--lease-checkpoint-interval", "5s")) {
      return lifetimeWhile(
          cluster,
          () -> {
            Conditions.letPass(Duration.ofSeconds(17));
            cluster.members().forEach(MemberProcess::kill);
            cluster.members().forEach(MemberProcess::start);
            cluster.awaitReady();
          });
    }
  }

  /** Grants leases, has something done to the cluster, and waits for their end. */
  private static Lifetime lifetimeWhile(Cluster cluster, Runnable faults) {
    long termBefore = cluster.leader().status().getRaftTerm();
    Duration ttl = Duration.ofSeconds((long) TTL_SECONDS);
    // One lease more is renewed all the time: it shows for how long there was no leader.
    try (RenewalLoad pulse = new RenewalLoad(cluster.members(), ttl, PULSE)) {
      pulse.add(Cluster.grant(cluster.member(0), ttl.toSeconds()));
      long sentNanos = System.nanoTime();
      List<Long> leases = Grants.many(cluster.members(), LEASES, ttl.toSeconds(), 4);
      long grantedNanos = System.nanoTime();
      faults.run();
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
      long changes = cluster.leader().status().getRaftTerm() - termBefore;
      return new Lifetime(ends[0], ends[1], changes, pulse.pausedSeconds(), lookedFrom);
    }
  }

  private static Set<Long> leasesOf(Cluster cluster) {
    return Cluster.leaseIds(cluster.running().get(0));
  }
}
