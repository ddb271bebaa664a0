package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LeaseClientMetricsTest {
  @Test
  void lossesAreCountedByReason() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    LeaseClient client = LeaseClient.connect("127.0.0.1:1");
    new LeaseClientMetrics(client).bindTo(registry);
    GrantedLease lease =
        new GrantedLease(
            7, Duration.ofMinutes(1), System.nanoTime() + Duration.ofSeconds(59).toNanos());
    KeptLease kept = client.leases().keepAlive(lease, event -> {});
    assertThat(kept.state()).isEqualTo(LeaseState.ALIVE);
    client.close();
    assertThat(kept.lossReason()).contains(LossReason.CLOSED);
    assertThat(
            registry
                .get("lease.client.leases.lost")
                .tag("reason", "closed")
                .functionCounter()
                .count())
        .isEqualTo(1);
    assertThat(registry.get("lease.client.leases").gauge().value()).isZero();
  }
}
