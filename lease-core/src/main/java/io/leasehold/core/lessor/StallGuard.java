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

  StallGuard(long nowNanos, long thresholdNanos, LessorObserver observer) {
    this.thresholdNanos = thresholdNanos;
    this.observer = observer;
    this.plannedNanos = nowNanos;
    this.holdUntilNanos = nowNanos;
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
    }
  }

  /** Notes when the next tick is due at the latest. */
  void tickPlanned(long atNanos) {
    plannedNanos = atNanos;
  }

  boolean holdsAt(long nowNanos) {
    return nowNanos - holdUntilNanos < 0;
  }

  long holdUntilNanos() {
    return holdUntilNanos;
  }
}
