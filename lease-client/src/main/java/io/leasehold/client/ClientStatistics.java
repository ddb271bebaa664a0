package io.leasehold.client;

import java.time.Duration;
import java.util.Map;

/**
 * What a client has done so far.
 *
 * @param leasesKept how many leases it keeps alive now
 * @param renewalsSent how many renewals were sent
 * @param renewalsAnswered how many of them were answered in time
 * @param renewalRoundTrips how long those answers took, all together
 * @param streamsOpened how many streams of renewals were opened, one after the other
 * @param leasesLost how many leases were lost, by reason
 */
public record ClientStatistics(
    int leasesKept,
    long renewalsSent,
    long renewalsAnswered,
    Duration renewalRoundTrips,
    long streamsOpened,
    Map<LossReason, Long> leasesLost) {
  public ClientStatistics {
    leasesLost = Map.copyOf(leasesLost);
  }
}
