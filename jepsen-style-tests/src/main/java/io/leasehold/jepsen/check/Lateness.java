package io.leasehold.jepsen.check;

import io.leasehold.jepsen.check.LeaseLife.Promise;
import io.leasehold.jepsen.check.LeaseLife.Sighting;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.WatchAnswer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * L1: a lease that nobody renews any more ends soon after its TTL. How late it may be depends on
 * what was broken when it was to end; while no majority is up, nothing can end. The harness's own
 * stalls are taken off.
 *
 * <p>A lease is left out if a renewal of unknown outcome may still have been under way, if somebody
 * may have revoked it, or if nobody looked often enough to say when it ended.
 */
final class Lateness implements Checker {
  static final String PROPERTY = "L1";

  /** Faults, by parts of their names, that hold messages between members up and lose none. */
  private static final List<String> HOLDING = List.of("LINKS", "PARTITION", "PAUSE");

  private static final String CUT = "PARTITION";

  /** After a link is whole again, until the system has sent once more what was lost on it. */
  private static final long RETRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    Findings findings = new Findings(PROPERTY);
    List<Double> millis = new ArrayList<>();
    ends(evidence, parameters, findings).forEach(end -> millis.add(end.lateMillis()));
    if (millis.isEmpty()) {
      return findings.notApplicableUnlessViolated("no end of a lease was observed");
    }
    Collections.sort(millis);
    findings.figure("ends observed", millis.size());
    findings.figure("lateness p50, ms", millis.get((millis.size() - 1) / 2));
    findings.figure("lateness p99, ms", millis.get((int) ((millis.size() - 1) * 0.99)));
    findings.figure("lateness max, ms", millis.get(millis.size() - 1));
    return findings.verdict();
  }

  /** Every end that was observed; what is left out or too late goes into the findings. */
  static List<LeaseEnd> ends(Evidence evidence, RunParameters parameters, Findings findings) {
    List<LeaseEnd> ends = new ArrayList<>();
    List<Long> leaderChanges = LeaderChangeLateness.leaderChanges(evidence);
    for (LeaseLife life : evidence.leases().all()) {
      Promise last = lastPromise(life, parameters);
      if (last == null) {
        continue;
      }
      long dueNanos = dueNanos(last, parameters);
      Sighting alive = life.lastAlive();
      Sighting dead = life.dead();
      if (life.mayHaveBeenRevokedBy(dead == null ? Long.MAX_VALUE : dead.toNanos())) {
        continue;
      }
      if (mayStillBeRenewed(evidence.history(), life, last)) {
        findings.count("left out: a renewal may have been under way");
        continue;
      }
      long provenNanos = alive == null ? 0 : alive.fromNanos();
      boolean observed = dead != null && isObserved(dead, provenNanos, parameters);
      // The last sign of life proves the least that it was late; the first of its end the most.
      long endNanos = observed && dead != null ? dead.toNanos() : provenNanos;
      if (!observed && provenNanos <= dueNanos) {
        findings.count(dead == null ? "left out: not due in time" : "left out: not observed");
        continue;
      }
      double late =
          lateNanos(evidence.history(), parameters, last.op().returnedNanos(), dueNanos, endNanos)
              / 1e6;
      double allowed =
          allowedNanos(evidence.history(), leaderChanges, parameters, last, endNanos) / 1e6;
      ends.add(new LeaseEnd(life.leaseId(), last.op(), dueNanos, endNanos, late, allowed));
      if (late > allowed) {
        findings.violated(
            "lease %d ended %.0f ms late, or later; %.0f ms are allowed"
                .formatted(life.leaseId(), late, allowed),
            last.op(),
            observed && dead != null ? dead.entry() : alive == null ? null : alive.entry());
      }
    }
    return ends;
  }

  /** Whether it is known when it ended: a watch told of it, or somebody looked often enough. */
  static boolean isObserved(Sighting dead, long aliveNanos, RunParameters parameters) {
    return dead.entry() instanceof WatchAnswer
        || dead.toNanos() - aliveNanos <= parameters.observationNanosMax();
  }

  /** The acknowledged grant or renewal that can have left it alive longest. */
  static @Nullable Promise lastPromise(LeaseLife life, RunParameters parameters) {
    Promise last = null;
    for (Promise promise : life.promises()) {
      if (last == null || dueNanos(promise, parameters) > dueNanos(last, parameters)) {
        last = promise;
      }
    }
    return life.grant() == null ? null : last;
  }

  /** When it is over at the latest: the answer is the latest time at which it was renewed. */
  static long dueNanos(Promise promise, RunParameters parameters) {
    return promise.op().returnedNanos() + parameters.longestNanos(promise.ttlSeconds());
  }

  /**
   * Whether a renewal that nobody answered may have come after all that were. One that was sent and
   * given up before the last acknowledged one was sent may also still arrive; clients close its
   * stream, so that it does not, unless a member had passed it on over a link that held it up.
   */
  static boolean mayStillBeRenewed(History history, LeaseLife life, Promise last) {
    for (Op op : life.unknownRenewals()) {
      if (underWayUntilNanos(history, op) > last.op().invokedNanos()) {
        return true;
      }
    }
    return false;
  }

  private static long underWayUntilNanos(History history, Op op) {
    long until = op.returnedNanos();
    for (FaultWindow fault : history.faults()) {
      if (HOLDING.stream().anyMatch(fault.kind()::contains)
          && fault.overlaps(op.invokedNanos() - holdsOnNanos(fault), op.returnedNanos())) {
        until = Math.max(until, Math.max(op.returnedNanos(), fault.toNanos()) + RETRY_NANOS_MAX);
      }
    }
    return until;
  }

  /** What is sent over a link that was cut waits until that has come up again. */
  private static long holdsOnNanos(FaultWindow fault) {
    return fault.kind().contains(CUT) ? RETRY_NANOS_MAX : 0;
  }

  private static long lateNanos(
      History history, RunParameters parameters, long promisedNanos, long dueNanos, long endNanos) {
    long from = dueNanos;
    for (FaultWindow fault : history.faults()) {
      // Nobody's time runs while no majority is up: what was left of it is left afterwards.
      if (parameters.quorumLossFaults().contains(fault.kind())
          && fault.overlaps(promisedNanos, Math.min(from, endNanos))) {
        from += fault.toNanos() - Math.max(fault.fromNanos(), promisedNanos);
      }
    }
    return endNanos <= from
        ? endNanos - from
        : endNanos - from - history.stalledNanos(from, endNanos);
  }

  private static long allowedNanos(
      History history,
      List<Long> leaderChanges,
      RunParameters parameters,
      Promise last,
      long endNanos) {
    long allowed = parameters.latenessNanosMax();
    for (long change : leaderChanges) {
      // A new leader gives every lease more time than it may need, also if none was broken. One
      // that is renewed soon afterwards has that time still.
      long sinceNanos = Math.max(0, last.op().invokedNanos() - change);
      if (change <= endNanos && sinceNanos < parameters.leaderChangeNanosMax()) {
        allowed =
            Math.max(
                allowed,
                parameters.latenessNanosMax() + parameters.leaderChangeNanosMax() - sinceNanos);
      }
    }
    long byFault = 0;
    int further = -1;
    for (FaultWindow fault : history.faults()) {
      // Whatever broke since the last renewal may have moved the deadline, and again with the next.
      long most = parameters.latenessNanosMaxByFault().getOrDefault(fault.kind(), 0L);
      if (most > 0 && fault.overlaps(last.op().invokedNanos(), endNanos)) {
        byFault = Math.max(byFault, most);
        further++;
      }
    }
    return further <= 0
        ? Math.max(allowed, byFault)
        : Math.max(allowed, byFault + further * parameters.leaderChangeNanosMax());
  }
}
