package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.History;

/** A history, and what several checkers need of it, worked out once. Immutable. */
public final class Evidence {
  private final History history;
  private final CanonicalLog log;
  private final Causes causes;
  private final LeaseLives leases;

  public Evidence(History history) {
    this.history = history;
    this.log = CanonicalLog.of(history);
    this.causes = Causes.of(history, log);
    this.leases = LeaseLives.of(history, log, causes);
  }

  public History history() {
    return history;
  }

  public CanonicalLog log() {
    return log;
  }

  Causes causes() {
    return causes;
  }

  public LeaseLives leases() {
    return leases;
  }
}
