package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Whom a fault hits. */
enum Victims {
  /** Any one member that runs. */
  ONE {
    @Override
    List<String> choose(TestCluster cluster, Random random) {
      List<String> running = running(cluster);
      return running.isEmpty() ? running : List.of(running.get(random.nextInt(running.size())));
    }
  },

  /** The leader, which is waited for. */
  LEADER {
    @Override
    List<String> choose(TestCluster cluster, Random random) {
      Waits.until(LEADER_MAX, () -> cluster.leader().isPresent());
      return cluster.leader().map(List::of).orElse(List.of());
    }
  },

  ALL {
    @Override
    List<String> choose(TestCluster cluster, Random random) {
      return running(cluster);
    }
  };

  private static final Duration LEADER_MAX = Duration.ofSeconds(15);

  /** Returns none when there is nobody of the kind. */
  abstract List<String> choose(TestCluster cluster, Random random);

  private static List<String> running(TestCluster cluster) {
    return cluster.members().stream().filter(cluster::isRunning).toList();
  }
}
