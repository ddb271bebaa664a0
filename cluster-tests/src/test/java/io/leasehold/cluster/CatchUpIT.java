package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.cluster.MemberProcess.StateAt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members that have to be brought up to date by a snapshot. */
@Tag("long")
@Timeout(180)
final class CatchUpIT {
  private static final Duration CAUGHT_UP_MAX = Duration.ofSeconds(60);

  @TempDir Path home;

  @Test
  void memberThatMissedTruncatedLogCatchesUpBySnapshot() {
    try (Cluster cluster = Cluster.start(home, "--snapshot-count", "100")) {
      MemberProcess behind = cluster.follower();
      behind.stop();
      grantPastTruncation(cluster, 2000);

      behind.start();

      StateAt state = cluster.awaitEqualStates(CAUGHT_UP_MAX);
      System.out.printf(
          "Down past log truncation: %s holds hash %08x at index %d like the others%n",
          behind.name(), state.hash(), state.appliedIndex());
      assertThat(Cluster.leaseIds(behind)).hasSize(2000);
    }
  }

  @Test
  void wipedMemberRefusesToStartUntilItIsToldToReplaceItself() {
    try (Cluster cluster = Cluster.start(home, "--snapshot-count", "100")) {
      List<Long> leases = grantPastTruncation(cluster, 500);
      MemberProcess wiped = cluster.follower();
      wiped.stop();
      wiped.wipe();
      int linesBefore = (int) wiped.logText().lines().count();

      wiped.start();
      int code = wiped.awaitExit();

      List<String> refusal =
          wiped
              .logText()
              .lines()
              .skip(linesBefore)
              .filter(line -> line.contains("--replace-member"))
              .toList();
      assertThat(code).isNotZero();
      assertThat(refusal).as(wiped.lastLines()).hasSize(1);
      System.out.println("Wiped member: " + refusal.get(0));
      assertThat(Cluster.leaseIds(cluster.leader())).containsAll(leases);

      wiped.start("--replace-member", "true");
      cluster.awaitEqualStates(CAUGHT_UP_MAX);
      assertThat(Cluster.leaseIds(wiped)).containsAll(leases);

      wiped.stop();
      wiped.start();
      cluster.awaitEqualStates(CAUGHT_UP_MAX);
    }
  }

  /** Few at a time, so that the log gets many entries and not a few large ones. */
  private static List<Long> grantPastTruncation(Cluster cluster, int count) {
    return Grants.many(cluster.running(), count, 3600, 4);
  }
}
