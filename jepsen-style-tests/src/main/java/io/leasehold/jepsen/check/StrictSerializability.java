package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * P9: requests on keys take effect one after the other, each at one time between its sending and
 * its answer. Revisions are the witness: the canonical log says what happened at which revision,
 * every answer says at which revision it was made. If the log replays to exactly these answers, and
 * revisions never run against the clock, an order is found, and no search is needed. A header that
 * lies about its revision is itself a violation.
 */
final class StrictSerializability implements Checker {
  private static final String PROPERTY = "P9";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    List<Op> answered = new ArrayList<>();
    for (Op op : evidence.history().ops()) {
      if (op.isOk() && op.revision() > 0 && op.request() instanceof Request.OnKeys) {
        answered.add(op);
      }
    }
    if (answered.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "no request on keys was answered");
    }
    Findings findings = new Findings(PROPERTY);
    findings.figure("requests", answered.size());
    evidence.log().conflicts().forEach(findings::violated);
    judgeRealTime(evidence, findings);
    String incompleteness = evidence.log().incompleteness();
    if (incompleteness.isEmpty()) {
      new Replay(evidence, answered, findings).run();
    } else {
      findings.unknown(incompleteness);
    }
    return findings.verdict();
  }

  /** What happened where: an answer at its revision, or a request that the log shows. */
  private record Placed(Op op, long revision, boolean isWrite) {}

  /** Nothing goes back behind a revision that was seen before it was sent. */
  private static void judgeRealTime(Evidence evidence, Findings findings) {
    List<Placed> placed = new ArrayList<>();
    List<Op> seen = new ArrayList<>();
    for (Op op : evidence.history().ops()) {
      if (op.isOk() && op.revision() > 0) {
        seen.add(op);
        if (Writes.isLinearizable(op)) {
          placed.add(new Placed(op, op.revision(), Writes.changedSomething(op)));
        }
      }
    }
    for (CanonicalLog.Change change : evidence.log().changes()) {
      if (evidence.causes().of(change.revision()) instanceof Causes.ByOp cause
          && !cause.op().isOk()) {
        placed.add(new Placed(cause.op(), change.revision(), true));
      }
    }
    placed.sort(Comparator.comparingLong(each -> each.op().invokedNanos()));
    seen.sort(Comparator.comparingLong(Op::returnedNanos));
    int next = 0;
    Op highest = null;
    for (Placed each : placed) {
      while (next < seen.size() && seen.get(next).returnedNanos() < each.op().invokedNanos()) {
        if (highest == null || seen.get(next).revision() > highest.revision()) {
          highest = seen.get(next);
        }
        next++;
      }
      if (highest != null) {
        judgePlace(each, highest, findings);
      }
    }
  }

  private static void judgePlace(Placed each, Op highest, Findings findings) {
    if (each.isWrite() && each.revision() <= highest.revision()) {
      findings.violated(
          "a write took revision %d, though %d had been seen before it was sent"
              .formatted(each.revision(), highest.revision()),
          highest,
          each.op());
    } else if (each.revision() < highest.revision()) {
      findings.violated(
          "a read was answered at revision %d, though %d had been seen before it was sent"
              .formatted(each.revision(), highest.revision()),
          highest,
          each.op());
    }
  }

  /** Repeats the log, and compares every answer with what the keys were at its revision. */
  private static final class Replay {
    private final Evidence evidence;
    private final Findings findings;
    private final Map<Long, List<Op>> writes = new HashMap<>();
    private final Map<Long, List<Op>> reads = new HashMap<>();
    private final KeyModel model = new KeyModel();
    private long compared;

    Replay(Evidence evidence, List<Op> answered, Findings findings) {
      this.evidence = evidence;
      this.findings = findings;
      for (Op op : answered) {
        if (!isReplayable(op.request())) {
          continue;
        }
        long revision = revisionOf(op);
        if (revision > evidence.log().last()) {
          findings.unknown(
              "the canonical log ends at revision %d, but %d was answered"
                  .formatted(evidence.log().last(), revision));
        }
        boolean isWrite = Writes.changedSomething(op);
        if (isWrite && revision < CanonicalLog.FIRST_REVISION) {
          findings.violated("a write took revision " + revision, op);
        }
        (isWrite ? writes : reads).computeIfAbsent(revision, at -> new ArrayList<>()).add(op);
      }
    }

    /** History that is read within a transaction is not kept here. */
    private static boolean isReplayable(Request request) {
      if (request instanceof Request.Txn txn) {
        return txn.then().stream().allMatch(Replay::readsTheLatest)
            && txn.otherwise().stream().allMatch(Replay::readsTheLatest);
      }
      return true;
    }

    private static boolean readsTheLatest(Request.OnKeys part) {
      return part instanceof Request.Range range ? range.revision() == 0 : isReplayable(part);
    }

    private static long revisionOf(Op op) {
      return op.request() instanceof Request.Range range && range.revision() > 0
          ? range.revision()
          : op.revision();
    }

    void run() {
      compareReads(CanonicalLog.FIRST_REVISION - 1);
      for (CanonicalLog.Change change : evidence.log().changes()) {
        Causes.Cause cause = evidence.causes().of(change.revision());
        if (cause instanceof Causes.Unexplained unexplained) {
          findings.violated(new Violation(unexplained.why(), unexplained.proof()));
        }
        List<Op> acknowledged = writes.getOrDefault(change.revision(), List.of());
        for (Op op : acknowledged) {
          compareWrite(op, change);
        }
        if (acknowledged.size() > 1) {
          findings.violated(
              "revision " + change.revision() + " was answered to two writes",
              acknowledged.get(0),
              acknowledged.get(1));
        }
        model.apply(change.events());
        compareReads(change.revision());
      }
      findings.figure("answers replayed", compared);
    }

    private void compareWrite(Op op, CanonicalLog.Change change) {
      compared++;
      KeyModel.Run expected = model.run((Request.OnKeys) op.request(), change.revision());
      if (!expected.events().equals(change.events())) {
        findings.violated(
            "at revision %d happened %s where this request makes %s"
                .formatted(change.revision(), change.events(), expected.events()),
            op,
            change.told());
      } else {
        compareAnswer(op, expected.answer(), change.revision());
      }
    }

    private void compareReads(long revision) {
      for (Op op : reads.getOrDefault(revision, List.of())) {
        compared++;
        // It changed nothing, so it would make no revision of its own.
        KeyModel.Run expected = model.run((Request.OnKeys) op.request(), revision);
        compareAnswer(op, expected.answer(), revision);
      }
    }

    private void compareAnswer(Op op, Answer expected, long revision) {
      @Nullable Answer actual = op.answer();
      if (!expected.equals(actual)) {
        findings.violated(
            "at revision %d the answer is %s, and was %s".formatted(revision, expected, actual),
            op);
      }
    }
  }
}
