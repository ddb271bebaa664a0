package io.leasehold.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class CpuTimesTest {
  private static final Map<String, Long> PIDS = Map.of("n1", 1L, "n2", 2L);

  @Test
  void whatNeitherGeneratorNorServersSpentIsForeign() {
    CpuTimes before = new CpuTimes(1, PIDS, Map.of("n1", 10.0, "n2", 20.0), 100, 1000);
    CpuTimes after = new CpuTimes(2, PIDS, Map.of("n1", 13.0, "n2", 20.5), 106, 1020);
    CpuUse use = after.since(before);
    assertThat(use.generatorSeconds()).isEqualTo(1);
    assertThat(use.serverSeconds()).isEqualTo(Map.of("n1", 3.0, "n2", 0.5));
    assertThat(use.serversSeconds()).isEqualTo(3.5);
    // 6 s busy, 4.5 s of it known, 20 s there were.
    assertThat(use.foreignShare()).isCloseTo(0.075, within(1e-9));
  }

  @Test
  void serverThatWasStartedAgainCountsFromItsStart() {
    CpuTimes before = new CpuTimes(0, Map.of("n1", 5L), Map.of("n1", 10.0), 0, 0);
    CpuTimes after = new CpuTimes(0, PIDS, Map.of("n1", 2.0, "n2", 1.0), 0, 10);
    CpuUse use = after.since(before);
    assertThat(use.serverSeconds()).isEqualTo(Map.of("n1", 0.0, "n2", 1.0));
    assertThat(use.foreignShare()).isNaN();
  }

  @Test
  void foreignShareIsNeverNegative() {
    CpuTimes before = new CpuTimes(0, PIDS, Map.of(), 0, 0);
    assertThat(new CpuTimes(5, PIDS, Map.of(), 4, 10).since(before).foreignShare()).isZero();
    assertThat(before.since(before).foreignShare()).isZero();
  }

  @Test
  void kernelKnowsThisProcess() {
    CpuTimes now = CpuTimes.now(Map.of("gone", 0L));
    assertThat(now.generatorSeconds()).isPositive();
    assertThat(now.serverSeconds()).containsEntry("gone", 0.0);
    assertThat(now.totalSeconds()).isGreaterThan(now.busySeconds());
    assertThat(ResidentMemory.bytesOf(ProcessHandle.current().pid())).isGreaterThan(1 << 20);
  }
}
