package io.leasehold.jepsen.check;

import io.leasehold.jepsen.check.LeaseLife.Promise;
import io.leasehold.jepsen.check.LeaseLife.Sighting;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * L2: each leader change adds at most the time in which nothing was acknowledged, and one
 * checkpoint interval and election timeout, to the life of a lease that nobody renews; never a full
 * TTL again.
 *
 * <p>What was seen alive too late is enough to refuse it: a lease that outlives its bound need not
 * have been seen gone.
 */
final class LeaderChangeLateness implements Checker {
  private static final String PROPERTY = "L2";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    List<Long> changes = leaderChanges(evidence);
    if (changes.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "the leader never changed");
    }
    Outages outages = new Outages(evidence, parameters);
    Findings findings = new Findings(PROPERTY);
    findings.figure("leader changes", changes.size());
    long judged = 0;
    long most = 0;
    long steepestNanos = 0;
    for (LeaseLife life : evidence.leases().all()) {
      Promise last = Lateness.lastPromise(life, parameters);
      Sighting seen = life.lastAlive();
      Sighting dead = life.dead();
      if (last == null
          || seen == null
          || life.mayHaveBeenRevokedBy(seen.fromNanos())
          || Lateness.mayStillBeRenewed(evidence.history(), life, last)) {
        continue;
      }
      long startNanos = last.op().returnedNanos();
      boolean observed = dead != null && Lateness.isObserved(dead, seen.fromNanos(), parameters);
      long endNanos = observed && dead != null ? dead.toNanos() : seen.fromNanos();
      Entry witness = observed && dead != null ? dead.entry() : seen.entry();
      int survived = between(changes, startNanos, endNanos);
      if (survived == 0) {
        continue;
      }
      judged++;
      most = Math.max(most, survived);
      long lateNanos =
          endNanos
              - Lateness.dueNanos(last, parameters)
              - outages.nanosBetween(startNanos, endNanos)
              - evidence.history().stalledNanos(startNanos, endNanos);
      steepestNanos = Math.max(steepestNanos, lateNanos / survived);
      long allowedNanos =
          parameters.latenessNanosMax() + survived * parameters.leaderChangeNanosMax();
      if (lateNanos > allowedNanos) {
        findings.violated(
            "lease %d outlived its TTL of %d s by %.1f s in %d leader changes; %.1f s are allowed"
                .formatted(
                    life.leaseId(),
                    last.ttlSeconds(),
                    lateNanos / 1e9,
                    survived,
                    allowedNanos / 1e9),
            last.op(),
            witness);
      }
    }
    if (judged == 0) {
      return Verdict.notApplicable(PROPERTY, "no lease lived through a leader change unrenewed");
    }
    findings.figure("leases judged", judged);
    findings.figure("most leader changes of one lease", most);
    findings.figure("most added by a leader change, ms", steepestNanos / 1e6);
    return findings.verdict();
  }

  /** When each leader but the first was first seen. */
  static List<Long> leaderChanges(Evidence evidence) {
    List<Long> changes = new ArrayList<>();
    Set<Long> terms = new HashSet<>();
    for (MemberState state : evidence.history().memberStates()) {
      if (state.leader() && terms.add(state.term())) {
        changes.add(state.atNanos());
      }
    }
    return changes.isEmpty() ? changes : changes.subList(1, changes.size());
  }

  private static int between(List<Long> sorted, long from, long to) {
    return Math.max(0, firstAfter(sorted, to) - firstAfter(sorted, from));
  }

  private static int firstAfter(List<Long> sorted, long nanos) {
    int at = Collections.binarySearch(sorted, nanos);
    return at >= 0 ? at + 1 : -at - 1;
  }

  /** The times in which nothing was acknowledged. */
  private static final class Outages {
    private final List<long[]> gaps = new ArrayList<>();

    Outages(Evidence evidence, RunParameters parameters) {
      long[] answered =
          evidence.history().ops().stream()
              .filter(Op::isOk)
              .mapToLong(Op::returnedNanos)
              .sorted()
              .toArray();
      for (int i = 1; i < answered.length; i++) {
        if (answered[i] - answered[i - 1] >= parameters.outageNanosMin()) {
          gaps.add(new long[] {answered[i - 1], answered[i]});
        }
      }
    }

    long nanosBetween(long from, long to) {
      long sum = 0;
      for (long[] gap : gaps) {
        sum += Math.max(0, Math.min(to, gap[1]) - Math.max(from, gap[0]));
      }
      return sum;
    }
  }
}
