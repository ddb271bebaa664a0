package io.leasehold.core.lessor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The leases whose end a client asked for and the log has not answered yet, and whoever waits to
 * learn whether a lease ends.
 *
 * <p>Confined to the owner thread.
 */
final class Endings {
  /** Revokes that clients asked for, by lease. */
  private final Map<Long, Requested> requested = new HashMap<>();

  private final Map<Long, List<Runnable>> waiters = new HashMap<>();

  /** What is under way for one lease. */
  static final class Requested {
    int inFlight;

    /**
     * Whether the mark on the lease may be taken back: it was set for a client's sake, not by
     * expiry, and no revoke may still come through.
     */
    boolean sparable;

    /** Whether a revoke of unknown fate may still end the lease. */
    boolean mayComeThrough;

    /** Whether the lease's entry in the heap was dropped meanwhile. */
    boolean dropped;

    Requested(boolean sparable) {
      this.sparable = sparable;
    }
  }

  /** Notes that a revoke is being proposed; {@code markedNow} tells whether it set the mark. */
  void begin(long leaseId, boolean markedNow) {
    requested.computeIfAbsent(leaseId, id -> new Requested(markedNow)).inFlight++;
  }

  /** Notes that a revoke of the lease may still come through though its answer is lost. */
  void mayComeThrough(long leaseId) {
    Requested entry = requested.get(leaseId);
    if (entry != null) {
      entry.sparable = false;
      entry.mayComeThrough = true;
    }
  }

  /**
   * Notes that one revoke of the lease was answered, and returns the entry if none is left in
   * flight.
   */
  @Nullable Requested answered(long leaseId) {
    Requested entry = requested.get(leaseId);
    if (entry == null || --entry.inFlight > 0) {
      return null;
    }
    requested.remove(leaseId);
    return entry;
  }

  /** Notes that the heap no longer holds a lease that is marked as ending. */
  void dropped(long leaseId) {
    Requested entry = requested.get(leaseId);
    if (entry != null) {
      entry.dropped = true;
    }
  }

  void await(long leaseId, Runnable waiter) {
    waiters.computeIfAbsent(leaseId, id -> new ArrayList<>(1)).add(waiter);
  }

  /** Lets go whoever waited for this lease. */
  void settle(long leaseId) {
    if (waiters.isEmpty()) {
      return;
    }
    List<Runnable> settled = waiters.remove(leaseId);
    if (settled != null) {
      settled.forEach(Runnable::run);
    }
  }

  /** Lets everybody go. */
  void settleAll() {
    List<List<Runnable>> all = new ArrayList<>(waiters.values());
    waiters.clear();
    requested.clear();
    all.forEach(settled -> settled.forEach(Runnable::run));
  }

  int size() {
    return requested.size() + waiters.size();
  }
}
