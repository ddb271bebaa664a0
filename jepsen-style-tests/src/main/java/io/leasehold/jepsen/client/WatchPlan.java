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
  /** Everything from the first revision on. */
  public static WatchPlan everything() {
    return new WatchPlan(KeyRange.all(), 1, true, false, false, true);
  }

  public static WatchPlan of(KeyRange range, long startRevision) {
    return new WatchPlan(range, startRevision, false, false, false, false);
  }

  public WatchPlan from(long revision) {
    return new WatchPlan(range, revision, previous, noPuts, noDeletes, canonical);
  }
}
