package io.leasehold.client;

/** Why a lease was lost. */
public enum LossReason {
  /**
   * Its time ran out without a renewal: this process did not run for that long, or had a lease that
   * was about to end already.
   */
  EXPIRED,

  /** Somebody ended it before its time. */
  REVOKED,

  /** Renewals were tried, and none was answered in time. The cluster may still hold the lease. */
  UNREACHABLE,

  /** It is no longer renewed, because its holder or the client was closed. */
  CLOSED
}
