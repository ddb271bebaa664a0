package io.leasehold.jepsen.check;

import io.leasehold.jepsen.check.LeaseLife.Promise;
import io.leasehold.jepsen.check.LeaseLife.Sighting;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * P6: a reported remaining time is neither less than what the renewals that were acknowledged
 * before still leave, nor more than the TTL; and a lease that nobody revoked lives for as long as
 * was reported. Whole seconds are reported, so that a second either way proves nothing.
 */
final class TtlReports implements Checker {
  private static final String PROPERTY = "P6";
  private static final long ROUNDING_NANOS = TimeUnit.SECONDS.toNanos(1);

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    Findings findings = new Findings(PROPERTY);
    Map<Long, Promises> byLease = new HashMap<>();
    long reports = 0;
    for (Op op : evidence.history().ops()) {
      Answer.TimeLeft left = op.answered(Answer.TimeLeft.class);
      if (left == null || left.isGone()) {
        continue;
      }
      long leaseId = ((Request.TimeToLive) op.request()).leaseId();
      LeaseLife life = evidence.leases().get(leaseId);
      if (life == null || life.grant() == null) {
        continue;
      }
      reports++;
      Promises promises = byLease.computeIfAbsent(leaseId, id -> new Promises(life));
      judge(op, left, life, promises, parameters, findings);
    }
    if (reports == 0) {
      return Verdict.notApplicable(PROPERTY, "nobody asked for a time to live");
    }
    findings.figure("reports", reports);
    return findings.verdict();
  }

  private static void judge(
      Op op,
      Answer.TimeLeft left,
      LeaseLife life,
      Promises promises,
      RunParameters parameters,
      Findings findings) {
    if (left.ttlSeconds() != life.ttlSeconds()) {
      findings.violated(
          "lease %d of %d s is reported with a TTL of %d s"
              .formatted(life.leaseId(), life.ttlSeconds(), left.ttlSeconds()),
          life.grant(),
          op);
    }
    if (left.remainingSeconds() > left.ttlSeconds()) {
      findings.violated(
          "lease %d has %d s left of a TTL of %d s"
              .formatted(life.leaseId(), left.remainingSeconds(), left.ttlSeconds()),
          op);
    }
    judgeEnd(op, left, life, parameters, findings);
    Promise strongest = promises.strongestBefore(op, parameters);
    if (strongest == null || life.mayHaveBeenRevokedBy(op.returnedNanos())) {
      return;
    }
    long owedNanos = Promises.endNanos(strongest, parameters) - op.returnedNanos();
    if (TimeUnit.SECONDS.toNanos(left.remainingSeconds()) < owedNanos - ROUNDING_NANOS) {
      findings.violated(
          "lease %d has %d s left where %.1f s are owed"
              .formatted(life.leaseId(), left.remainingSeconds(), owedNanos / 1e9),
          strongest.op(),
          op);
    }
  }

  /** Whatever leader ends it goes by a deadline no earlier than the one that was reported. */
  private static void judgeEnd(
      Op op, Answer.TimeLeft left, LeaseLife life, RunParameters parameters, Findings findings) {
    Sighting dead = life.dead();
    if (dead == null || life.mayHaveBeenRevokedBy(dead.toNanos())) {
      return;
    }
    long until = op.invokedNanos() + parameters.shortestNanos(left.remainingSeconds());
    if (dead.toNanos() < until - ROUNDING_NANOS) {
      findings.violated(
          "lease %d was gone %.1f s sooner than was reported"
              .formatted(life.leaseId(), (until - dead.toNanos()) / 1e9),
          op,
          dead.entry());
    }
  }

  /**
   * What was acknowledged before each report; reports come in the order in which they were sent.
   */
  private static final class Promises {
    private final Deque<Promise> ahead;
    private @Nullable Promise strongest;

    Promises(LeaseLife life) {
      List<Promise> sorted =
          life.promises().stream()
              .sorted(Comparator.comparingLong(promise -> promise.op().returnedNanos()))
              .toList();
      this.ahead = new ArrayDeque<>(sorted);
    }

    @Nullable Promise strongestBefore(Op report, RunParameters parameters) {
      while (!ahead.isEmpty() && ahead.getFirst().op().returnedNanos() <= report.invokedNanos()) {
        Promise next = ahead.removeFirst();
        if (strongest == null || endNanos(next, parameters) > endNanos(strongest, parameters)) {
          strongest = next;
        }
      }
      return strongest;
    }

    static long endNanos(Promise promise, RunParameters parameters) {
      return promise.op().invokedNanos() + parameters.shortestNanos(promise.ttlSeconds());
    }
  }
}
