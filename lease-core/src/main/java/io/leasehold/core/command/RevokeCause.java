package io.leasehold.core.command;

/** Who asked for a lease to end. */
public enum RevokeCause {
  /** A client. */
  REQUESTED,
  /** The lessor, because nobody renewed it. */
  EXPIRED
}
