package io.leasehold.server.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.server.route.LeaseRouter;
import org.junit.jupiter.api.Test;

final class CorrelationTest {
  @Test
  void numbersOfRequestsAndOfBatchesAreToldApart() {
    for (int slot : new int[] {0, 1, 63, (1 << 18) - 1}) {
      long one = Correlation.ofOne(slot);
      assertThat(Correlation.isOfBatch(one)).isFalse();
      assertThat(Correlation.slotOfOne(one)).isEqualTo(slot);
      for (int position : new int[] {0, 1, LeaseRouter.BATCH_LEASES_MAX - 1}) {
        long ofBatch = Correlation.ofBatch(slot, position);
        assertThat(Correlation.isOfBatch(ofBatch)).isTrue();
        assertThat(Correlation.slotOfBatch(ofBatch)).isEqualTo(slot);
        assertThat(Correlation.position(ofBatch)).isEqualTo(position);
      }
    }
  }
}
