package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Op;
import java.util.List;

/**
 * An end of a lease that property L1 speaks about.
 *
 * @param last the acknowledged grant or renewal after which it lived longest
 * @param dueNanos when it was to end at the latest
 * @param endNanos when it was seen to have ended; or still seen alive, if nobody looked after that
 * @param lateMillis without what is not held against the cluster; negative if it ended before that
 * @param allowedMillis what was allowed of it, given what was broken
 */
public record LeaseEnd(
    long leaseId, Op last, long dueNanos, long endNanos, double lateMillis, double allowedMillis) {

  /** All that were observed, in the order in which the leases were granted. */
  public static List<LeaseEnd> observed(Evidence evidence, RunParameters parameters) {
    return Lateness.ends(evidence, parameters, new Findings(Lateness.PROPERTY));
  }
}
