package io.leasehold.client;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Shows a client's {@link ClientStatistics} to Micrometer, for those who have it: {@code new
 * LeaseClientMetrics(client).bindTo(registry)}.
 */
public final class LeaseClientMetrics implements MeterBinder {
  private final LeaseClient client;

  /** Shows the figures of a client. */
  public LeaseClientMetrics(LeaseClient client) {
    this.client = client;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("lease.client.leases", client, c -> c.statistics().leasesKept())
        .description("Leases that are kept alive")
        .register(registry);
    FunctionCounter.builder(
            "lease.client.renewals.sent", client, c -> c.statistics().renewalsSent())
        .description("Renewals that were sent")
        .register(registry);
    FunctionTimer.builder(
            "lease.client.renewals",
            client,
            c -> c.statistics().renewalsAnswered(),
            c -> c.statistics().renewalRoundTrips().toNanos(),
            TimeUnit.NANOSECONDS)
        .description("Renewals that were answered, and how long that took")
        .register(registry);
    FunctionCounter.builder(
            "lease.client.streams.opened", client, c -> c.statistics().streamsOpened())
        .description("Streams of renewals that were opened")
        .register(registry);
    for (LossReason reason : LossReason.values()) {
      FunctionCounter.builder(
              "lease.client.leases.lost",
              client,
              c -> c.statistics().leasesLost().getOrDefault(reason, 0L))
          .tag("reason", reason.name().toLowerCase(Locale.ROOT))
          .description("Leases that were lost")
          .register(registry);
    }
  }
}
