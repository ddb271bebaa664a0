package io.leasehold.client;

import java.time.Duration;

/** What a {@link LeaseListener} is told. */
public sealed interface LeaseEvent {
  /** Returns the lease's ID. */
  long leaseId();

  /** A renewal was answered. Events of this kind are left out when the listener is slow. */
  record Renewed(long leaseId, Duration ttl) implements LeaseEvent {}

  /** The lease is {@link LeaseState#AT_RISK}, and lost after the time that is left. */
  record AtRisk(long leaseId, Duration left) implements LeaseEvent {}

  /** The lease was at risk and is {@link LeaseState#ALIVE} again. */
  record Recovered(long leaseId) implements LeaseEvent {}

  /** A session that lost its lease has a new one. */
  record Granted(long leaseId) implements LeaseEvent {}

  /** The lease is {@link LeaseState#LOST}; the last event of this lease. */
  record Lost(long leaseId, LossReason reason) implements LeaseEvent {}
}
