package io.leasehold.core.lessor;

/**
 * Finds out when the lessor itself was paused, and holds expiry back for as long afterwards (rule
 * S8): renewals that waited in the sockets meanwhile are served first. The hold is not added to
 * deadlines, so that many short pauses do not add up to a late end.
 *
 * <p>Confined to the owner thread. Instants are nanoseconds of the leader's clock.
 */
final class StallGuard {
  private final long thresholdNanos;
  private final LessorObserver observer;
  private long plannedNanos;
  private long holdUntilNanos;
  private long noticedNanos;

  StallGuard(long nowNanos, long thresholdNanos, LessorObserver observer) {
    this.thresholdNanos = thresholdNanos;
    this.observer = observer;
    this.plannedNanos = nowNanos;
    this.holdUntilNanos = nowNanos;
    this.noticedNanos = nowNanos;
  }

  /** Notes that a tick begins. */
  void tickBegan(long nowNanos) {
    long stallNanos = nowNanos - plannedNanos;
    if (stallNanos > thresholdNanos) {
      observer.stalled(stallNanos);
      long until = nowNanos + stallNanos;
      if (until - holdUntilNanos > 0) {
        holdUntilNanos = until;
      }
      noticedNanos = nowNanos;
    }
  }

  /** Notes when the next tick is due at the latest. */
  void tickPlanned(long atNanos) {
    plannedNanos = atNanos;
  }

  /**
   * Tells whether a lease may not be ended now: it was renewed last before the pause was noticed,
   * and the hold lasts. A lease renewed since has proved that its client gets through.
   */
  boolean holds(long renewedNanos, long nowNanos) {
    return nowNanos - holdUntilNanos < 0 && renewedNanos - noticedNanos < 0;
  }

  long holdUntilNanos() {
    return holdUntilNanos;
  }
}
