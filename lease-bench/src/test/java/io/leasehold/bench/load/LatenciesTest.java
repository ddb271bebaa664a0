package io.leasehold.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class LatenciesTest {
  private static final long MILLI = 1_000_000;

  private final Latencies latencies = new Latencies();

  @Test
  void percentilesAreWhatSoManyDidNotExceed() {
    for (int millis = 1; millis <= 1000; millis++) {
      latencies.record(millis * MILLI);
    }
    assertThat(latencies.count()).isEqualTo(1000);
    assertThat(latencies.millis(50)).isCloseTo(500, within(0.5));
    assertThat(latencies.millis(99)).isCloseTo(990, within(1.0));
    assertThat(latencies.maxMillis()).isCloseTo(1000, within(1.0));
    assertThat(latencies.meanMillis()).isCloseTo(500.5, within(0.5));
  }

  @Test
  void whatIsOutOfRangeCountsAsTheNearestInIt() {
    latencies.record(-5);
    latencies.record(Long.MAX_VALUE);
    assertThat(latencies.count()).isEqualTo(2);
    assertThat(latencies.millis(50)).isCloseTo(0.001, within(0.0001));
    assertThat(latencies.maxMillis()).isCloseTo(3_600_000, within(4000.0));
  }

  @Test
  void nothingRecordedIsNoNumber() {
    assertThat(latencies.millis(99)).isNaN();
    assertThat(latencies.maxMillis()).isNaN();
    assertThat(latencies.meanMillis()).isNaN();
  }

  @Test
  void sumsCountBoth() {
    Latencies other = new Latencies();
    latencies.record(MILLI);
    other.record(3 * MILLI);
    latencies.add(other);
    assertThat(latencies.count()).isEqualTo(2);
    assertThat(latencies.maxMillis()).isCloseTo(3, within(0.01));
  }
}
