package io.leasehold.jepsen.client;

import io.leasehold.jepsen.history.KeyRange;

/**
 * What a watch is to tell.
 *
 * @param startRevision 0 for what comes after its creation
 * @param previous whether each event tells what the key was before
 * @param canonical whether it is the record of all that happened
 */
public record WatchPlan(
    KeyRange range,
    long startRevision,
    boolean previous,
    boolean noPuts,
    boolean noDeletes,
    boolean canonical) {
  /** An empty cluster has revision 1; the next one is the first that changes anything. */
  private static final long FIRST_REVISION = 2;

  /** Everything that ever happens. */
  public static WatchPlan everything() {
    return new WatchPlan(KeyRange.all(), FIRST_REVISION, true, false, false, true);
  }

  public static WatchPlan of(KeyRange range, long startRevision) {
    return new WatchPlan(range, startRevision, false, false, false, false);
  }

  public WatchPlan from(long revision) {
    return new WatchPlan(range, revision, previous, noPuts, noDeletes, canonical);
  }
}
