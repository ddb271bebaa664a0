package io.leasehold.client;

/** What a client may believe of a lease it keeps alive. */
public enum LeaseState {
  /** The cluster holds the lease for a good while yet. */
  ALIVE,

  /**
   * The cluster still holds the lease, but renewals have not been answered for two thirds of its
   * TTL. Bring work that depends on it to an end.
   */
  AT_RISK,

  /** The cluster may have given the lease up, or has. A lease that is lost never comes back. */
  LOST
}
