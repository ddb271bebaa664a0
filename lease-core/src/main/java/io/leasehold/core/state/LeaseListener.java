package io.leasehold.core.state;

import io.leasehold.core.lease.Lease;
import java.util.List;

/**
 * Hears of each change of a lease as it is applied. Called on the apply thread, in order; must not
 * block.
 */
public interface LeaseListener {
  void granted(Lease lease);

  void revoked(List<Lease> leases);

  /** The end by a checkpoint of these leases was recorded or cleared. */
  void checkpointed(List<Lease> leases);
}
