package io.leasehold.core.sim;

/**
 * The core as it is, and deliberately broken ways to use it, each of which the checks must catch.
 */
public enum Variant {
  CORRECT,
  /** Expiry takes effect in whatever term it lands in, and a stale leader's reaches the log. */
  EXPIRY_NOT_FENCED,
  /** A new lessor counts from the beginning of the former term, without the election timeout. */
  NO_EXTENSION_AT_PROMOTION,
  /** Renewals are acknowledged without asking whether this member still leads. */
  STALE_LEADER_ACKNOWLEDGES,
  /** A renewal wipes the mark of a checkpoint instead of clearing it through the log. */
  CHECKPOINT_OVERWRITES_RENEWAL,
  /** Deadlines are kept by the wall clock. */
  WALL_CLOCK_DEADLINES,
  /** A renewal of a lease that is gone grants it again. */
  RENEWAL_RESURRECTS,
  /** A new lessor sets no deadlines. */
  NO_TIMERS_AFTER_ELECTION,
  /** A renewal whose clearing failed is acknowledged all the same. */
  FAILED_CLEAR_ACKNOWLEDGES,
  /** "No such lease" is told without a read barrier. */
  NOT_FOUND_WITHOUT_BARRIER,
  /** A lessor that was paused expires first and serves later. */
  STALL_NOT_COMPENSATED,
  /** A requested revoke is proposed without marking the lease. */
  REVOKE_NOT_MARKED,
  /** A restart forgets one lease. */
  RESTART_LOSES_A_LEASE,
  /** A restart applies again what is in the state already. */
  ENTRIES_APPLIED_TWICE,
  /** A snapshot carries the leases but not their checkpointed remaining time. */
  SNAPSHOT_FORGETS_CHECKPOINTS,
  /** No checkpoint is ever taken: each new leader gives every lease its full TTL again. */
  NO_CHECKPOINTS,
  /** Nobody tells the log how far lease time has come: what is on record never shrinks. */
  LEASE_TIME_NOT_RECORDED,
  /** Lease time runs twice as fast as time. */
  LEASE_TIME_AHEAD,
  /** A new lessor serves before every entry of earlier terms is applied. */
  PROMOTED_TOO_EARLY,
  /** The leadership check comes before the renewal that it is to cover. */
  CHECKED_BEFORE_RENEWING
}
