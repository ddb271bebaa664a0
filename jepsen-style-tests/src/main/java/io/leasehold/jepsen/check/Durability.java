package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * P5: what was acknowledged is there in the end, on every member. Judged by what is read in the
 * final phase: the last acknowledged write of each key or a later one, every lease that is still
 * owed time, no lease that was seen gone, and equal states of all members.
 */
final class Durability implements Checker {
  private static final String PROPERTY = "P5";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    History history = evidence.history();
    OptionalLong begin = history.begin(Phase.FINAL);
    if (begin.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "nothing was read in the end");
    }
    Findings findings = new Findings(PROPERTY);
    Keys keys = new Keys(history, begin.getAsLong(), parameters, findings);
    long keyReads = 0;
    long leaseReads = 0;
    for (Op op : history.ops()) {
      if (op.invokedNanos() < begin.getAsLong() || !op.isOk()) {
        continue;
      }
      if (op.request() instanceof Request.Range range
          && op.answer() instanceof Answer.Ranged ranged
          && range.revision() == 0
          && range.limit() == 0
          && !range.countOnly()) {
        keyReads++;
        keys.judge(op, range.range(), ranged, evidence.leases());
      } else if (op.request() instanceof Request.TimeToLive asked
          && op.answer() instanceof Answer.TimeLeft left) {
        leaseReads++;
        judgeLease(op, evidence.leases().get(asked.leaseId()), left, parameters, findings);
      }
    }
    long states = judgeStates(history, begin.getAsLong(), findings);
    if (keyReads + leaseReads + states == 0) {
      return findings.notApplicableUnlessViolated("nothing was read in the final phase");
    }
    findings.figure("final reads of keys", keyReads);
    findings.figure("final reads of leases", leaseReads);
    findings.figure("members with a final state", states);
    findings.figure("keys acknowledged", keys.last.size());
    return findings.verdict();
  }

  private static void judgeLease(
      Op op,
      @Nullable LeaseLife life,
      Answer.TimeLeft left,
      RunParameters parameters,
      Findings findings) {
    if (life == null || life.grant() == null) {
      return;
    }
    LeaseLife.Sighting dead = life.dead();
    if (!left.isGone()) {
      if (dead != null && dead.toNanos() < op.invokedNanos()) {
        findings.violated(
            "lease %d was gone, and is there in the end, on %s"
                .formatted(life.leaseId(), op.node()),
            dead.entry(),
            op);
      }
      return;
    }
    if (life.mayHaveBeenRevokedBy(op.returnedNanos())) {
      return;
    }
    for (LeaseLife.Promise promise : life.promises()) {
      long until = promise.op().invokedNanos() + parameters.shortestNanos(promise.ttlSeconds());
      if (until > op.returnedNanos()) {
        findings.violated(
            "lease %d is lost in the end, on %s".formatted(life.leaseId(), op.node()),
            promise.op(),
            op);
        return;
      }
    }
  }

  /** The last state of each member; those at the same index, and the last of all, are equal. */
  private static long judgeStates(History history, long beginNanos, Findings findings) {
    Map<String, MemberState> last = new HashMap<>();
    Map<String, MemberState> counted = new HashMap<>();
    for (MemberState state : history.memberStates()) {
      if (state.atNanos() >= beginNanos && !state.digest().isEmpty()) {
        last.put(state.node(), state);
        // Most looks at a member do not ask how many leases it has.
        if (state.leases() >= 0) {
          counted.put(state.node(), state);
        }
      }
    }
    MemberState first = null;
    for (MemberState state : last.values()) {
      if (first == null) {
        first = state;
      } else if (first.revision() != state.revision()) {
        findings.violated("members do not agree in the end", first, state);
      } else if (first.appliedIndex() == state.appliedIndex()
          && !first.digest().equals(state.digest())) {
        findings.violated("members differ in the end at the same index", first, state);
      }
    }
    judgeLeases(counted.values(), findings);
    return last.size();
  }

  private static void judgeLeases(Collection<MemberState> counted, Findings findings) {
    MemberState first = null;
    for (MemberState state : counted) {
      if (first == null) {
        first = state;
      } else if (first.leases() != state.leases()) {
        findings.violated("members do not have as many leases in the end", first, state);
      }
    }
  }

  /** The last acknowledged change of each key, and whether an unknown one may have undone it. */
  private static final class Keys {
    private final Map<String, KeyValue> last = new HashMap<>();
    private final Map<String, Op> writers = new HashMap<>();
    private final Map<String, Long> deleted = new HashMap<>();
    private final Set<String> mayBeDeleted = new HashSet<>();
    private final List<KeyRange> mayBeDeletedRanges = new ArrayList<>();

    private final RunParameters parameters;
    private final Findings findings;

    Keys(History history, long beginNanos, RunParameters parameters, Findings findings) {
      this.parameters = parameters;
      this.findings = findings;
      for (Op op : history.ops()) {
        if (op.invokedNanos() >= beginNanos) {
          continue;
        }
        Writes.forEachDone(op, (request, answer) -> addDone(op, request));
        if (op.request() instanceof Request.Release release && op.mayHaveHappened()) {
          mayBeDeleted.add(release.lockKey());
        }
        if (op.result() == Result.INFO) {
          Writes.forEachPart(op.request(), this::addUnknown);
        }
      }
    }

    private void addDone(Op op, Request.OnKeys request) {
      if (request instanceof Request.Put put) {
        KeyValue before = last.get(put.key());
        if (before == null || op.revision() > before.modRevision()) {
          last.put(
              put.key(), new KeyValue(put.key(), put.value(), 0, op.revision(), 0, put.leaseId()));
          writers.put(put.key(), op);
        }
      } else if (request instanceof Request.Delete delete) {
        if (delete.range().isOneKey()) {
          deleted.merge(delete.range().key(), op.revision(), Math::max);
        } else {
          mayBeDeletedRanges.add(delete.range());
        }
      }
    }

    private void addUnknown(Request.OnKeys part) {
      if (part instanceof Request.Delete delete) {
        if (delete.range().isOneKey()) {
          mayBeDeleted.add(delete.range().key());
        } else {
          mayBeDeletedRanges.add(delete.range());
        }
      } else if (part instanceof Request.Put put && put.leaseId() != 0) {
        // It may hang on that lease now, and have gone with it.
        mayBeDeleted.add(put.key());
      }
    }

    void judge(Op op, KeyRange range, Answer.Ranged ranged, LeaseLives leases) {
      Map<String, KeyValue> found = new HashMap<>();
      ranged.found().forEach(each -> found.put(each.key(), each));
      if (range.isOneKey()) {
        judgeKey(op, range.key(), found.get(range.key()), leases);
        return;
      }
      for (String key : last.keySet()) {
        if (range.contains(key)) {
          judgeKey(op, key, found.get(key), leases);
        }
      }
    }

    private void judgeKey(Op op, String key, @Nullable KeyValue found, LeaseLives leases) {
      KeyValue wanted = last.get(key);
      Op writer = writers.get(key);
      if (wanted == null) {
        return;
      }
      if (found == null) {
        if (!mayBeGone(wanted, op, leases)) {
          findings.violated("%s is lost in the end, on %s".formatted(key, op.node()), writer, op);
        }
      } else if (found.modRevision() < wanted.modRevision()) {
        findings.violated(
            "%s is older in the end than what was acknowledged, on %s".formatted(key, op.node()),
            writer,
            op);
      } else if (found.modRevision() == wanted.modRevision()
          && !found.value().equals(wanted.value())) {
        findings.violated(
            "%s is another in the end than what was acknowledged, on %s".formatted(key, op.node()),
            writer,
            op);
      }
    }

    private boolean mayBeGone(KeyValue wanted, Op read, LeaseLives leases) {
      String key = wanted.key();
      if (deleted.getOrDefault(key, 0L) > wanted.modRevision()
          || mayBeDeleted.contains(key)
          || mayBeDeletedRanges.stream().anyMatch(range -> range.contains(key))) {
        return true;
      }
      LeaseLife life = wanted.leaseId() == 0 ? null : leases.get(wanted.leaseId());
      return life != null && !isOwed(life, read);
    }

    /** Whether its lease cannot have ended before this was read, so that its keys must be there. */
    private boolean isOwed(LeaseLife life, Op read) {
      LeaseLife.Sighting alive = life.lastAlive();
      if (alive != null && alive.fromNanos() > read.returnedNanos()) {
        return true;
      }
      return !life.mayHaveBeenRevokedBy(read.returnedNanos())
          && life.promises().stream()
              .anyMatch(
                  promise ->
                      promise.op().invokedNanos() + parameters.shortestNanos(promise.ttlSeconds())
                          > read.returnedNanos());
    }
  }
}
