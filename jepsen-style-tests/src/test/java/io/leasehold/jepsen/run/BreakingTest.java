package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.nemesis.FakeCluster;
import io.leasehold.jepsen.nemesis.FaultKind;
import io.leasehold.jepsen.nemesis.Schedule;
import io.leasehold.jepsen.nemesis.Schedule.Step;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BreakingTest {
  @TempDir private Path home;

  private List<String> complaints(FakeCluster cluster, FaultKind... kinds) {
    Step[] steps = new Step[kinds.length];
    for (int i = 0; i < kinds.length; i++) {
      steps[i] = new Step(kinds[i], 1, 0, 1);
    }
    RunClock clock = new RunClock();
    return new Breaking(cluster, clock)
        .until(
            clock.nowNanos() + TimeUnit.SECONDS.toNanos(1), Schedule.script(steps), report -> {});
  }

  @Test
  void aKindOfFaultThatNeverCameAboutIsToldOnce() {
    FakeCluster cluster = new FakeCluster(home);
    cluster.capabilities.remove(Capability.CUTS);

    assertThat(
            complaints(
                cluster, FaultKind.PARTITION_RING, FaultKind.KILL_LEADER, FaultKind.PARTITION_RING))
        .contains("PARTITION_RING: tried 2 times, in vain")
        .noneMatch(complaint -> complaint.startsWith("KILL_LEADER"));
  }

  @Test
  void faultsThatCameAboutAreNoComplaint() {
    assertThat(
            complaints(new FakeCluster(home), FaultKind.PARTITION_RING, FaultKind.SLOW_DISK_LEADER))
        .isEmpty();
  }
}
