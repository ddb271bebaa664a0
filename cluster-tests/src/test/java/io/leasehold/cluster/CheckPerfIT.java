package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** etcdctl's own check of a cluster's speed; it takes a minute, so it runs on ours alone. */
@Tag("long")
@Timeout(180)
final class CheckPerfIT {
  @TempDir Path home;

  @Test
  void checkPerfRunsToItsVerdictOverAllMembers() {
    Etcdctl.assumeInstalled();
    try (Cluster cluster = Cluster.start(home)) {
      // Its 50 clients go round the endpoints. How fast that went depends on what else this machine
      // is doing, so the verdict is printed and no more.
      String output =
          Etcdctl.run(cluster.endpoints(), "check", "perf", "--load=s", "--prefix=/perf/").output();

      String verdict = output.substring(output.lastIndexOf('\r') + 1);
      System.out.println("check perf: " + verdict.strip().replace("\n", "; "));
      assertThat(verdict).containsPattern("Throughput (is|too low:) [0-9]+ writes/s");
      assertThat(Keys.withPrefix(cluster.leader(), "/perf/")).isEmpty();
    }
  }
}
