package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseMemoryTest {
  @Test
  void liveLeaseCostsAtMost64Bytes() {
    LeaseMemory.measure(50_000); // class loading and growth of the heap are not what is measured
    // How well the table of IDs fits depends on when it grew last.
    for (int leases = 800_000; leases <= 1_200_000; leases += 80_000) {
      LeaseMemory.Figures figures = LeaseMemory.measure(leases);
      System.out.println(figures);
      assertThat(figures.bytesPerLease()).isLessThanOrEqualTo(64);
    }
  }
}
