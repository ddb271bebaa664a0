package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TtlBoundsTest {
  @Test
  void minimumIsOneAndAHalfElectionTimeoutsInWholeSeconds() {
    assertThat(TtlBounds.ofElectionTimeout(1000).minMillis()).isEqualTo(2000);
    assertThat(TtlBounds.ofElectionTimeout(500).minMillis()).isEqualTo(1000);
    assertThat(TtlBounds.ofElectionTimeout(2000).minMillis()).isEqualTo(3000);
    assertThat(TtlBounds.ofElectionTimeout(100).minMillis()).isEqualTo(1000);
  }

  @Test
  void shorterRequestsAreRaisedAndTooLongOnesRefused() {
    TtlBounds bounds = TtlBounds.ofElectionTimeout(1000);
    assertThat(bounds.effectiveMillis(Long.MIN_VALUE)).isEqualTo(2000);
    assertThat(bounds.effectiveMillis(-5)).isEqualTo(2000);
    assertThat(bounds.effectiveMillis(0)).isEqualTo(2000);
    assertThat(bounds.effectiveMillis(1)).isEqualTo(2000);
    assertThat(bounds.effectiveMillis(10)).isEqualTo(10_000);
    assertThat(bounds.effectiveMillis(9_000_000_000L)).isEqualTo(9_000_000_000_000L);
    assertThat(bounds.effectiveMillis(9_000_000_001L)).isEqualTo(TtlBounds.TOO_LARGE);
    assertThat(bounds.effectiveMillis(Long.MAX_VALUE)).isEqualTo(TtlBounds.TOO_LARGE);
  }
}
