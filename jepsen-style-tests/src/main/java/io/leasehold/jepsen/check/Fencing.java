package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.FencedWrite;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * P3a: fencing. A token is the create revision of its lock's key, and nobody else's; that key hangs
 * on the lease that was named, so that it goes when the lease ends. Who is told that it holds the
 * lock is first in line at that revision, with its key still there. A transaction that is guarded
 * by a token takes effect only while that key is there. A store that refuses tokens smaller than
 * one it has seen never has to accept one.
 */
final class Fencing implements Checker {
  private static final String PROPERTY = "P3a";

  /** The life of one key of a lock. */
  private record Hold(String key, long leaseId, long created, long deleted) {}

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    Findings findings = new Findings(PROPERTY);
    List<Op> acquired = new ArrayList<>();
    for (Op op : evidence.history().ops()) {
      if (op.answer() instanceof Answer.Acquired) {
        acquired.add(op);
      }
    }
    List<FencedWrite> offered = evidence.history().all(FencedWrite.class);
    if (acquired.isEmpty() && offered.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "nobody took a lock");
    }
    findings.figure("locks taken", acquired.size());
    judgeUniqueness(acquired, findings);
    judgeStore(offered, findings);
    String incompleteness = evidence.log().incompleteness();
    if (!incompleteness.isEmpty()) {
      findings.unknown(incompleteness);
      return findings.verdict();
    }
    Set<String> locks = new HashSet<>();
    acquired.forEach(op -> locks.add(((Request.Acquire) op.request()).lock()));
    Map<String, Line> lines = lines(evidence.log(), locks);
    for (Op op : acquired) {
      Line line = lines.get(((Request.Acquire) op.request()).lock());
      judgeHold(op, line == null ? new Line() : line, evidence.log(), findings);
    }
    judgeGuards(evidence, lines, locks, findings);
    return findings.verdict();
  }

  private static void judgeUniqueness(List<Op> acquired, Findings findings) {
    Map<Long, Op> byToken = new HashMap<>();
    for (Op op : acquired) {
      // One revision creates one key of a lock, so that no two locks share a token either.
      Op other = byToken.putIfAbsent(((Answer.Acquired) answer(op)).token(), op);
      if (other != null) {
        findings.violated("two holders got the same token", other, op);
      }
    }
  }

  private static void judgeStore(List<FencedWrite> offered, Findings findings) {
    List<FencedWrite> sorted = new ArrayList<>(offered);
    sorted.sort(Comparator.comparingLong(FencedWrite::sequence));
    Map<String, FencedWrite> greatest = new HashMap<>();
    long refused = 0;
    for (FencedWrite write : sorted) {
      FencedWrite before = greatest.get(write.resource());
      if (!write.accepted()) {
        refused++;
        continue;
      }
      if (before != null && write.token() < before.token()) {
        findings.violated(
            "%s accepted token %d after %d"
                .formatted(write.resource(), write.token(), before.token()),
            before,
            write);
      }
      if (before == null || write.token() > before.token()) {
        greatest.put(write.resource(), write);
      }
    }
    findings.figure("writes that the store refused", refused);
  }

  private static Answer answer(Op op) {
    return Objects.requireNonNull(op.answer());
  }

  /** The keys of one lock in the order of their creation: who waited, who held it. */
  private static final class Line {
    private final NavigableMap<Long, Hold> holds = new TreeMap<>();
    private final NavigableMap<Long, Long> allGoneBefore = new TreeMap<>();

    void created(String key, long leaseId, long revision) {
      holds.put(revision, new Hold(key, leaseId, revision, Long.MAX_VALUE));
    }

    void deleted(String key, long revision) {
      for (Hold hold : holds.descendingMap().values()) {
        if (hold.key().equals(key)) {
          holds.put(hold.created(), new Hold(key, hold.leaseId(), hold.created(), revision));
          return;
        }
      }
    }

    void close() {
      long latest = 0;
      for (Hold hold : holds.values()) {
        allGoneBefore.put(hold.created(), latest);
        latest = Math.max(latest, hold.deleted());
      }
    }

    @Nullable Hold find(long token, String key) {
      Hold hold = holds.get(token);
      return hold != null && hold.key().equals(key) ? hold : null;
    }

    /** The revision at which the last of those before it was gone. */
    long firstAt(Hold hold) {
      return allGoneBefore.getOrDefault(hold.created(), 0L);
    }
  }

  /** A lock's key is the lock itself, or lies under it as in etcd's recipe. */
  private static Map<String, Line> lines(CanonicalLog log, Set<String> locks) {
    Map<String, Line> lines = new HashMap<>();
    for (CanonicalLog.Change change : log.changes()) {
      for (Event event : change.events()) {
        String lock = lockOf(event.key(), locks);
        if (lock.isEmpty()) {
          continue;
        }
        Line line = lines.computeIfAbsent(lock, name -> new Line());
        if (event.type() == Event.Type.DELETE) {
          line.deleted(event.key(), change.revision());
        } else if (event.now().createRevision() == change.revision()) {
          line.created(event.key(), event.now().leaseId(), change.revision());
        }
      }
    }
    lines.values().forEach(Line::close);
    return lines;
  }

  private static String lockOf(String key, Set<String> locks) {
    if (locks.contains(key)) {
      return key;
    }
    String parent = key.substring(0, Math.max(0, key.lastIndexOf('/')));
    return locks.contains(parent) ? parent : "";
  }

  private static void judgeHold(Op op, Line line, CanonicalLog log, Findings findings) {
    Answer.Acquired acquired = (Answer.Acquired) answer(op);
    if (Math.max(acquired.token(), acquired.heldRevision()) > log.last()) {
      findings.unknown("the canonical log ends at revision " + log.last());
      return;
    }
    Hold own = line.find(acquired.token(), acquired.lockKey());
    if (own == null) {
      findings.violated(
          "token %d is no create revision of %s".formatted(acquired.token(), acquired.lockKey()),
          op);
      return;
    }
    long leaseId = ((Request.Acquire) op.request()).leaseId();
    if (leaseId != 0 && own.leaseId() != leaseId) {
      findings.violated(
          "a lock was granted on lease %d, and its key hangs on %d"
              .formatted(leaseId, own.leaseId()),
          op);
    }
    if (log.firstSeenNanos(own.deleted()) < op.invokedNanos()) {
      findings.violated("a lock was granted whose key was seen to be gone before", op);
    }
    long held = acquired.heldRevision();
    if (held == 0) {
      findings.count("grants of unknown revision");
      return;
    }
    if (held < own.created() || held >= own.deleted()) {
      findings.violated(
          "a lock was granted at revision %d, though its key was there from %d to %d only"
              .formatted(held, own.created(), own.deleted()),
          op);
    }
    if (held < line.firstAt(own)) {
      findings.violated(
          "a lock was granted at revision %d, though another had it until %d"
              .formatted(held, line.firstAt(own)),
          op);
    }
  }

  private static void judgeGuards(
      Evidence evidence, Map<String, Line> lines, Set<String> locks, Findings findings) {
    long guarded = 0;
    for (Op op : evidence.history().ops()) {
      boolean written =
          op.answer() instanceof Answer.Decided decided
              && decided.succeeded()
              && Writes.changedSomething(op);
      if (!written || !(op.request() instanceof Request.Txn txn)) {
        continue;
      }
      for (Request.Guard guard : txn.guards()) {
        Line line = lines.get(lockOf(guard.key(), locks));
        boolean isToken =
            guard.target() == Request.Target.CREATE
                && guard.relation() == Request.Relation.EQUAL
                && guard.number() > 0;
        if (line == null || !isToken) {
          continue;
        }
        guarded++;
        Hold hold = line.find(guard.number(), guard.key());
        if (hold == null || op.revision() <= hold.created() || op.revision() > hold.deleted()) {
          findings.violated(
              "a write guarded by token %d took effect at revision %d, without its key"
                  .formatted(guard.number(), op.revision()),
              op);
        }
      }
    }
    findings.figure("writes guarded by a token", guarded);
  }
}
