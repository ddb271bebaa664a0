package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * L4: soon after the last fault was healed, every member that is asked serves grants, revokes and
 * writes again.
 */
final class Recovery implements Checker {
  private static final String PROPERTY = "L4";

  /** For members that nothing was done to while a majority was whole: they wait for no start. */
  private static final long UNTOUCHED_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

  /** Who serves so soon when it is asked for the first time may have been able to for long. */
  private static final long AT_ONCE_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    History history = evidence.history();
    long healedNanos = history.faults().stream().mapToLong(FaultWindow::toNanos).max().orElse(-1);
    if (healedNanos < 0) {
      return Verdict.notApplicable(PROPERTY, "nothing was broken");
    }
    long untilNanos = healedNanos + parameters.recoveryNanosMax();
    Map<String, Op> written = new TreeMap<>();
    Map<String, Op> tried = new TreeMap<>();
    Map<String, Long> askedSince = new TreeMap<>();
    for (Op op : history.ops()) {
      boolean asked = isWrite(op.request()) && !op.refusedForWantOfItsLease();
      if (!asked || op.node().isEmpty() || op.invokedNanos() < healedNanos) {
        continue;
      }
      if (op.isOk()) {
        written.merge(
            op.node(),
            op,
            (one, other) -> one.returnedNanos() <= other.returnedNanos() ? one : other);
      }
      tried.put(op.node(), op);
      askedSince.merge(op.node(), op.invokedNanos(), Math::min);
    }
    Findings findings = new Findings(PROPERTY);
    long slowestNanos = 0;
    for (Map.Entry<String, Op> node : tried.entrySet()) {
      Op first = written.get(node.getKey());
      if (first == null) {
        if (node.getValue().returnedNanos() <= untilNanos) {
          findings.unknown(node.getKey() + " was not asked long enough after the last fault");
        } else {
          findings.violated(
              node.getKey() + " served no write after the last fault was healed", node.getValue());
        }
        continue;
      }
      // While not even the harness ran, no member can have got ready.
      long tookNanos =
          first.returnedNanos()
              - healedNanos
              - history.stalledNanos(healedNanos, first.returnedNanos());
      slowestNanos = Math.max(slowestNanos, tookNanos);
      long waitedNanos =
          first.returnedNanos() - askedSince.getOrDefault(node.getKey(), first.invokedNanos());
      if (tookNanos > allowedNanos(node.getKey(), history, parameters)
          && waitedNanos > AT_ONCE_NANOS_MAX) {
        findings.violated(
            "%s served a write only %.1f s after the last fault was healed"
                .formatted(node.getKey(), tookNanos / 1e9),
            first);
      }
    }
    if (tried.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "no write was asked for after the last fault");
    }
    findings.figure("slowest member, ms", slowestNanos / 1e6);
    findings.figure("allowed who was hit, ms", parameters.recoveryNanosMax() / 1e6);
    return findings.verdict();
  }

  private static long allowedNanos(String member, History history, RunParameters parameters) {
    boolean wasHit =
        history.faults().stream()
            .anyMatch(
                fault ->
                    parameters.quorumLossFaults().contains(fault.kind())
                        || List.of(fault.target().split(",", -1)).contains(member));
    return wasHit
        ? parameters.recoveryNanosMax()
        : Math.min(UNTOUCHED_NANOS_MAX, parameters.recoveryNanosMax());
  }

  /** What cannot be answered without a majority. */
  private static boolean isWrite(Request request) {
    return request instanceof Request.Grant
        || request instanceof Request.Revoke
        || request instanceof Request.Put
        || request instanceof Request.Delete
        || request instanceof Request.Txn;
  }
}
