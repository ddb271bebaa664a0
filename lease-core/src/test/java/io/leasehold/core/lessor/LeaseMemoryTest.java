package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseMemoryTest {
  @Test
  void liveLeaseCostsAtMost64BytesBesideTheIdTable() {
    LeaseMemory.measure(50_000); // class loading and growth of the heap are not what is measured
    LeaseMemory.Figures figures = LeaseMemory.measure(1_000_000);
    System.out.println(figures);
    assertThat(figures.withoutTable()).isLessThanOrEqualTo(64);
    assertThat(figures.tableBytesPerLease()).isLessThan(20);
  }
}
