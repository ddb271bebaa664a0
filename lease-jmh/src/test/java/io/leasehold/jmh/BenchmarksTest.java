package io.leasehold.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

@Timeout(120)
final class BenchmarksTest {
  private static final int LEASES = 2000;

  @Test
  void everyBenchmarkRuns() throws RunnerException {
    Options once =
        new OptionsBuilder()
            .include("io\\.leasehold\\.jmh\\..*")
            .param("leases", "64")
            .param("commands", "2")
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    assertThat(new Runner(once).run()).hasSizeGreaterThanOrEqualTo(14);
  }

  @Test
  void endingAllEndsAll() {
    DueLeasesBenchmark benchmark = new DueLeasesBenchmark();
    benchmark.leases = LEASES;
    benchmark.grant();
    assertThat(benchmark.endAll()).isPositive();
  }

  @Test
  void puttingOffEndsNone() {
    DueLeasesBenchmark benchmark = new DueLeasesBenchmark();
    benchmark.leases = LEASES;
    benchmark.grant();
    assertThat(benchmark.putOffAll()).isEqualTo(LEASES);
  }

  @Test
  void renewalsHitAndMissAsTheyShould() {
    LessorBenchmark benchmark = new LessorBenchmark();
    benchmark.leases = LEASES;
    benchmark.grant();
    for (int i = 0; i < LEASES; i++) {
      assertThat(benchmark.renewHit()).isEqualTo(Duration.ofHours(1).toMillis());
      assertThat(benchmark.renewMiss()).isNegative();
    }
  }
}
