package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * P3b: no two clients take themselves for the holder of one lock at the same time, if each stops
 * when its lease's TTL is over that it was last answered, counted on its own clock from when it
 * sent that renewal. A tie of the clock proves nothing.
 */
final class LockBelief implements Checker {
  private static final String PROPERTY = "P3b";

  /** From the answer that gave the lock until its holder stops believing. */
  private record Held(String lock, Op acquired, long fromNanos, long toNanos, Entry lastReason) {}

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    Map<Long, List<Op>> releases = new HashMap<>();
    Map<Long, Long> lastOfProcess = new HashMap<>();
    for (Op op : evidence.history().ops()) {
      lastOfProcess.merge(op.process(), op.returnedNanos(), Math::max);
      if (op.request() instanceof Request.Release release) {
        releases.computeIfAbsent(release.token(), token -> new ArrayList<>()).add(op);
      }
    }
    List<Held> all = new ArrayList<>();
    for (Op op : evidence.history().ops()) {
      if (op.answer() instanceof Answer.Acquired acquired) {
        // The first release that belongs to this lock's token ends the belief, whatever came of it.
        Op release = release(op, releases.getOrDefault(acquired.token(), List.of()));
        all.add(
            parameters.belief() == Belief.UNTIL_RELEASE
                ? naive(op, release, lastOfProcess.getOrDefault(op.process(), 0L))
                : careful(op, release, evidence.leases(), parameters));
      }
    }
    if (all.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "nobody took a lock");
    }
    Findings findings = new Findings(PROPERTY);
    findings.figure("holds", all.size());
    // Who was answered too late believes nothing.
    all.removeIf(held -> held.toNanos() < held.fromNanos());
    if (all.isEmpty()) {
      return findings.verdict();
    }
    all.sort(Comparator.comparing(Held::lock).thenComparingLong(Held::fromNanos));
    Held longest = all.get(0);
    for (Held next : all.subList(1, all.size())) {
      if (!next.lock().equals(longest.lock())) {
        longest = next;
        continue;
      }
      if (next.fromNanos() < longest.toNanos()) {
        findings.violated(
            "two clients took themselves for the holder of %s for %.1f ms"
                .formatted(
                    next.lock(),
                    (Math.min(longest.toNanos(), next.toNanos()) - next.fromNanos()) / 1e6),
            longest.acquired(),
            longest.lastReason(),
            next.acquired());
      }
      longest = next.toNanos() > longest.toNanos() ? next : longest;
    }
    return findings.verdict();
  }

  private static @Nullable Op release(Op acquired, List<Op> releases) {
    Op first = null;
    for (Op op : releases) {
      boolean later = op.invokedNanos() >= acquired.returnedNanos();
      boolean sameLock = ((Request.Release) op.request()).lock().equals(lock(acquired));
      if (later && sameLock && (first == null || op.invokedNanos() < first.invokedNanos())) {
        first = op;
      }
    }
    return first;
  }

  private static String lock(Op acquired) {
    return ((Request.Acquire) acquired.request()).lock();
  }

  private static Held naive(Op acquired, @Nullable Op release, long lastNanos) {
    long end = release == null ? lastNanos : release.invokedNanos();
    return new Held(lock(acquired), acquired, acquired.returnedNanos(), end, acquired);
  }

  /** A renewal prolongs the belief only if its answer comes while there still is one. */
  private static Held careful(
      Op acquired, @Nullable Op release, LeaseLives leases, RunParameters parameters) {
    LeaseLife life = leases.get(((Request.Acquire) acquired.request()).leaseId());
    long end = Long.MIN_VALUE;
    Entry reason = acquired;
    List<LeaseLife.Promise> promises =
        life == null ? new ArrayList<>() : new ArrayList<>(life.promises());
    promises.sort(Comparator.comparingLong(promise -> promise.op().returnedNanos()));
    for (LeaseLife.Promise promise : promises) {
      boolean inTime = promise.op().returnedNanos() <= Math.max(end, acquired.returnedNanos());
      long until = promise.op().invokedNanos() + parameters.believedNanos(promise.ttlSeconds());
      if (inTime && until > end) {
        end = until;
        reason = promise.op();
      }
    }
    if (release != null) {
      end = Math.min(end, release.invokedNanos());
    }
    return new Held(lock(acquired), acquired, acquired.returnedNanos(), end, reason);
  }
}
