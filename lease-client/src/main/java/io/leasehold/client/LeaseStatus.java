package io.leasehold.client;

import java.time.Duration;
import java.util.List;

/**
 * What the cluster says of a lease.
 *
 * @param id the lease's ID
 * @param grantedTtl how long it lives after each renewal
 * @param left how long it lives from now on if nobody renews it, in whole seconds
 * @param keys the keys that hang on it, in order; empty unless asked for
 */
public record LeaseStatus(long id, Duration grantedTtl, Duration left, List<Bytes> keys) {
  public LeaseStatus {
    keys = List.copyOf(keys);
  }
}
