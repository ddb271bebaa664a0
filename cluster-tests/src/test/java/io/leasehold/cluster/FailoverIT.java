package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leases that are being renewed, while leaders die or freeze. */
@Timeout(180)
final class FailoverIT {
  private static final Duration TTL = Duration.ofSeconds(5);

  @TempDir Path home;

  @Test
  void killedLeaderEndsNoRenewedLease() {
    try (Cluster cluster = Cluster.start(home)) {
      try (RenewalLoad load = new RenewalLoad(cluster.members(), TTL, Duration.ofMillis(1500))) {
        List<Long> leases = Grants.many(cluster.members(), 1000, TTL.toSeconds(), 64, load::add);
        awaitAnswers(load, 2000);
        load.resetFigures();

        MemberProcess killed = cluster.leader();
        killed.kill();
        awaitAnswers(load, 5000);
        long pauseMillis = load.longestPauseMillis();
        long gapMillis = load.longestLeaseGapMillis();
        killed.start();
        cluster.awaitReady();
        awaitAnswers(load, 8000);

        System.out.printf(
            "Leader killed under 1 000 leases of %d s: longest pause in acknowledged renewals %d ms,"
                + " longest time between two renewals of one lease %d ms, leases ended: %d%n",
            TTL.toSeconds(), pauseMillis, gapMillis, load.ended().size());
        assertThat(load.ended()).isEmpty();
        assertThat(Cluster.leaseIds(killed)).containsAll(leases);
        assertThat(pauseMillis)
            .as("longest pause, in milliseconds; %s", cluster.lastLines())
            .isLessThan(3000);
      }
    }
  }

  @Test
  void leaderFrozenForEightSecondsEndsNoLeaseRenewedThroughTheOthers() {
    try (Cluster cluster = Cluster.start(home)) {
      MemberProcess frozen = cluster.leader();
      List<MemberProcess> others =
          cluster.members().stream().filter(member -> member != frozen).toList();
      try (RenewalLoad load = new RenewalLoad(others, TTL, Duration.ofSeconds(1))) {
        List<Long> leases = Grants.many(others, 300, TTL.toSeconds(), 64, load::add);
        awaitAnswers(load, 600);

        frozen.freeze();
        Conditions.letPass(Duration.ofSeconds(8));
        frozen.thaw();
        // Long enough for a deposed leader that goes on by its old deadlines to do harm.
        Conditions.letPass(TTL.plusSeconds(2));
        cluster.awaitReady();

        System.out.printf(
            "Leader frozen for 8 s under 300 leases of %d s: leases ended: %d, longest pause %d ms%n",
            TTL.toSeconds(), load.ended().size(), load.longestPauseMillis());
        assertThat(load.ended()).isEmpty();
        assertThat(Cluster.leaseIds(frozen)).containsAll(leases);
      }
    }
  }

  private static void awaitAnswers(RenewalLoad load, long more) {
    long target = load.answers() + more;
    Conditions.await(
        more + " more renewals, or an end",
        Duration.ofSeconds(60),
        () -> load.answers() >= target || !load.ended().isEmpty());
    assertThat(load.ended()).isEmpty();
  }
}
