package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** etcdctl's own check of a cluster's speed; it takes a minute, so it runs on ours alone. */
@Timeout(180)
final class CheckPerfIT {
  /** Writes a second that etcdctl asks of a cluster under its small load. */
  private static final String PASSED = "PASS: Throughput is 1";

  @TempDir Path home;

  @Test
  void checkPerfFindsTheThroughputOfSmallLoadOnEveryMember() {
    Etcdctl.assumeInstalled();
    List<Etcdctl.Running> checks = new ArrayList<>();
    try (Cluster cluster = Cluster.start(home)) {
      for (MemberProcess member : cluster.members()) {
        checks.add(
            Etcdctl.start(
                home,
                member.endpoint(),
                "check",
                "perf",
                "--load=s",
                "--prefix=/perf-" + member.name() + "/"));
      }
      for (Etcdctl.Running check : checks) {
        check.awaitExit();
        String verdict = check.output().substring(check.output().lastIndexOf('\r') + 1);
        System.out.println("check perf: " + verdict.strip().replace("\n", "; "));
        assertThat(verdict).contains(PASSED);
      }
    } finally {
      checks.forEach(Etcdctl.Running::close);
    }
  }
}
