package io.leasehold.core.lessor;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Finds out when the lessor itself was paused, and holds expiry back for as long afterwards (rule
 * S8): renewals that waited in the sockets meanwhile are served first. The hold is not added to
 * deadlines, so that many short pauses do not add up to a late end.
 *
 * <p>Confined to the owner thread. Instants are nanoseconds of the leader's clock.
 */
final class StallGuard {
  /** What one pause asks for: leases renewed last before it was noticed are held until then. */
  private record Hold(long noticedNanos, long untilNanos) {}

  private final long thresholdNanos;
  private final LessorObserver observer;

  /**
   * Holds that last, oldest first. A later one replaces those that end no later, so each ends
   * before the one before it; they fit into one another, hence no more than the longest pause has
   * thresholds.
   */
  private final ArrayDeque<Hold> holds = new ArrayDeque<>();

  private long plannedNanos;

  StallGuard(long nowNanos, long thresholdNanos, LessorObserver observer) {
    this.thresholdNanos = thresholdNanos;
    this.observer = observer;
    this.plannedNanos = nowNanos;
  }

  /** Notes that a tick begins. */
  void tickBegan(long nowNanos) {
    dropEndedBy(nowNanos);
    long stallNanos = nowNanos - plannedNanos;
    if (stallNanos > thresholdNanos) {
      observer.stalled(stallNanos);
      long untilNanos = nowNanos + stallNanos;
      dropEndedBy(untilNanos);
      holds.add(new Hold(nowNanos, untilNanos));
    }
  }

  /** Notes when the next tick is due at the latest. */
  void tickPlanned(long atNanos) {
    plannedNanos = atNanos;
  }

  /**
   * Returns until when a lease may not be ended that was renewed last at {@code renewedNanos};
   * {@code nowNanos} when it may be ended at once. A lease renewed since a pause was noticed has
   * proved that its client gets through.
   */
  long heldUntil(long renewedNanos, long nowNanos) {
    for (Hold hold : holds) {
      if (renewedNanos - hold.noticedNanos < 0 && nowNanos - hold.untilNanos < 0) {
        return hold.untilNanos;
      }
    }
    return nowNanos;
  }

  private void dropEndedBy(long nanos) {
    Iterator<Hold> latestFirst = holds.descendingIterator();
    while (latestFirst.hasNext() && latestFirst.next().untilNanos - nanos <= 0) {
      latestFirst.remove();
    }
  }
}
