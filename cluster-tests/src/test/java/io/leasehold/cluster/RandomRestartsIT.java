package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.cluster.MemberProcess.StateAt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten rounds of killing and restarting members, chosen by chance. */
@Tag("long")
@Timeout(600)
final class RandomRestartsIT {
  private static final int ROUNDS = 10;

  @TempDir Path home;

  @Test
  void acknowledgedGrantsSurviveTenRandomKillsAndStatesStayEqual() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("Random restarts: seed " + seed + " (-Dseed=" + seed + " repeats it)");
    Random random = new Random(seed);
    List<Long> leases = new ArrayList<>();
    try (Cluster cluster = Cluster.start(home, "--snapshot-count", "50")) {
      for (int round = 0; round < ROUNDS; round++) {
        leases.addAll(Grants.many(cluster.members(), 60, 3600, 4));
        List<MemberProcess> victims = new ArrayList<>(cluster.members());
        while (victims.size() > 1 + random.nextInt(3)) {
          victims.remove(random.nextInt(victims.size()));
        }
        victims.forEach(MemberProcess::kill);
        victims.forEach(MemberProcess::start);
        cluster.awaitReady();
        assertThat(cluster.running())
            .as("members that did not end by themselves; %s", cluster.lastLines())
            .hasSameSizeAs(cluster.members());
      }
      StateAt state = cluster.awaitEqualStates(Duration.ofSeconds(60));
      System.out.printf(
          "After %d rounds: hash %08x at index %d on all members, %d leases%n",
          ROUNDS, state.hash(), state.appliedIndex(), leases.size());
      for (MemberProcess member : cluster.members()) {
        assertThat(Cluster.leaseIds(member)).containsAll(leases).hasSameSizeAs(leases);
      }
    }
  }
}
