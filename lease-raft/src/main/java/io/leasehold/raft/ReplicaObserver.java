package io.leasehold.raft;

import io.leasehold.core.lessor.LessorObserver;

/** Hears of what a replica and its lessors do, for metrics. Any thread; must not block. */
public interface ReplicaObserver extends LessorObserver {
  /** Entries were applied and written to the store; it took the apply thread {@code nanos}. */
  void applied(long nanos);

  /**
   * This member leads and has set the deadlines of all leases; it took the apply thread {@code
   * nanos} since Raft had told it so.
   */
  void promoted(long nanos);
}
