package io.leasehold.client;

import java.time.Duration;

/** What an {@link ElectionListener} is told. */
public sealed interface ElectionEvent {
  /** This candidate leads; the token is larger than that of every leader before it. */
  record Elected(long fencingToken) implements ElectionEvent {}

  /** Renewals are not answered: unless that changes, leadership is over after the time left. */
  record AtRisk(Duration left) implements ElectionEvent {}

  /** Leadership was at risk and is safe again. */
  record Recovered() implements ElectionEvent {}

  /** This candidate leads no more. It stands again, unless it was closed. */
  record Deposed(String reason) implements ElectionEvent {}
}
