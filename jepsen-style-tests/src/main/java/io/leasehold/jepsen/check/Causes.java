package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** For each revision of the canonical log, who caused it: a request, or the end of a lease. */
final class Causes {
  private final Map<Long, Cause> byRevision = new TreeMap<>();
  private final Map<Long, Long> deathRevisions = new HashMap<>();

  private Causes() {}

  /** Why a revision is there. */
  sealed interface Cause {}

  /** A request; if its outcome was unknown, it is known now. */
  record ByOp(Op op) implements Cause {}

  record ByLeaseEnd(long leaseId) implements Cause {}

  /** Both the end of a lease and a request of unknown outcome would look like this. */
  record Ambiguous(long leaseId) implements Cause {}

  /**
   * Nothing that was recorded can have done it.
   *
   * @param leaseIds of the keys that were deleted
   */
  record Unexplained(String why, Set<Long> leaseIds, List<Entry> proof) implements Cause {}

  static Causes of(History history, CanonicalLog log) {
    Causes causes = new Causes();
    Candidates candidates = new Candidates(history);
    KeyModel model = new KeyModel();
    for (CanonicalLog.Change change : log.changes()) {
      Cause cause = candidates.explain(change, model);
      causes.byRevision.put(change.revision(), cause);
      if (cause instanceof ByLeaseEnd end) {
        causes.deathRevisions.putIfAbsent(end.leaseId(), change.revision());
      }
      model.apply(change.events());
    }
    return causes;
  }

  @Nullable Cause of(long revision) {
    return byRevision.get(revision);
  }

  /** The revision at which each lease that had keys ended. */
  Map<Long, Long> deathRevisions() {
    return Collections.unmodifiableMap(deathRevisions);
  }

  /** All requests that might have changed a key, by what they would have changed. */
  private static final class Candidates {
    private final Map<Long, Op> acknowledged = new HashMap<>();
    private final Map<Long, List<Op>> locks = new HashMap<>();
    private final Map<String, List<Op>> puts = new HashMap<>();
    private final Map<Long, List<Op>> acquires = new HashMap<>();
    private final Map<String, List<Op>> deletesOfOneKey = new HashMap<>();
    private final List<Op> deletesOfRanges = new ArrayList<>();
    private final IdentityHashMap<Op, Long> floors = new IdentityHashMap<>();
    private final Set<Op> used = Collections.newSetFromMap(new IdentityHashMap<>());

    Candidates(History history) {
      history.ops().forEach(this::add);
      noteFloors(history);
    }

    /** A request cannot have made a revision that anybody saw before it was sent. */
    private void noteFloors(History history) {
      List<Op> seen =
          history.ops().stream().sorted(Comparator.comparingLong(Op::returnedNanos)).toList();
      int next = 0;
      long highest = 0;
      for (Op op : history.ops()) {
        while (next < seen.size() && seen.get(next).returnedNanos() < op.invokedNanos()) {
          highest = Math.max(highest, seen.get(next).revision());
          next++;
        }
        if (op.result() == Result.INFO) {
          floors.put(op, highest);
        }
      }
    }

    private void add(Op op) {
      if (Writes.changedSomething(op)) {
        acknowledged.putIfAbsent(op.revision(), op);
      }
      if (op.request() instanceof Request.Acquire acquire) {
        acquires.computeIfAbsent(acquire.leaseId(), id -> new ArrayList<>()).add(op);
        Answer.Acquired acquired = op.answered(Answer.Acquired.class);
        if (acquired != null) {
          locks.computeIfAbsent(acquired.token(), token -> new ArrayList<>()).add(op);
        }
      } else if (op.request() instanceof Request.Release release) {
        if (op.isOk()) {
          // One that found its key gone already tells of a revision that others made.
          locks.computeIfAbsent(op.revision(), revision -> new ArrayList<>()).add(op);
        } else {
          deletesOfOneKey.computeIfAbsent(release.lockKey(), key -> new ArrayList<>()).add(op);
        }
      }
      Writes.forEachPart(op.request(), part -> addPart(op, part));
    }

    private void addPart(Op op, Request.OnKeys part) {
      if (part instanceof Request.Put put) {
        puts.computeIfAbsent(put.key() + '\0' + put.value(), value -> new ArrayList<>()).add(op);
      } else if (part instanceof Request.Delete delete && op.result() == Result.INFO) {
        if (delete.range().isOneKey()) {
          deletesOfOneKey.computeIfAbsent(delete.range().key(), key -> new ArrayList<>()).add(op);
        } else {
          deletesOfRanges.add(op);
        }
      }
    }

    Cause explain(CanonicalLog.Change change, KeyModel model) {
      Op op = acknowledged.get(change.revision());
      if (op != null) {
        return new ByOp(op);
      }
      for (Op lock : locks.getOrDefault(change.revision(), List.of())) {
        if (isItsDoing(lock, change)) {
          return new ByOp(lock);
        }
      }
      for (Event event : change.events()) {
        if (event.type() == Event.Type.PUT) {
          return explainPut(change, event, model);
        }
      }
      return explainDelete(change, model);
    }

    /** The revision of a lock's answer may also be one at which something else happened. */
    private static boolean isItsDoing(Op lock, CanonicalLog.Change change) {
      if (change.events().size() != 1) {
        return false;
      }
      Event event = change.events().get(0);
      return lock.answer() instanceof Answer.Acquired acquired
          ? event.type() == Event.Type.PUT && event.key().equals(acquired.lockKey())
          : lock.request() instanceof Request.Release release
              && event.type() == Event.Type.DELETE
              && event.key().equals(release.lockKey());
    }

    private Cause explainPut(CanonicalLog.Change change, Event put, KeyModel model) {
      List<Op> sameValue = puts.getOrDefault(put.key() + '\0' + put.now().value(), List.of());
      for (Op op : sameValue) {
        if (op.result() == Result.INFO && !used.contains(op) && wouldDo(op, change, model)) {
          used.add(op);
          return new ByOp(op);
        }
      }
      for (Op op : acquires.getOrDefault(put.now().leaseId(), List.of())) {
        boolean itsKey = put.key().startsWith(((Request.Acquire) op.request()).lock() + "/");
        if (!op.isOk() && itsKey && change.events().size() == 1 && used.add(op)) {
          return new ByOp(op);
        }
      }
      List<Entry> proof = new ArrayList<>(sameValue);
      proof.add(change.told());
      String what = "revision " + change.revision() + " puts " + put.key();
      if (sameValue.isEmpty()) {
        return new Unexplained(what + " to a value that nobody wrote", Set.of(), proof);
      }
      return new Unexplained(what + why(sameValue.get(0)), Set.of(), proof);
    }

    private String why(Op op) {
      return switch (op.result()) {
        case OK -> " though that was acknowledged at revision " + op.revision();
        case FAIL -> " though that was refused";
        case INFO ->
            used.contains(op)
                ? ", which happened once already"
                : ", together with what the request did not ask for";
      };
    }

    private Cause explainDelete(CanonicalLog.Change change, KeyModel model) {
      Set<String> deleted =
          change.events().stream().map(Event::key).collect(Collectors.toCollection(TreeSet::new));
      Set<Long> leaseIds = new TreeSet<>();
      for (String key : deleted) {
        var before = model.get(key);
        leaseIds.add(before == null ? 0 : before.leaseId());
      }
      Op request = deleter(deleted, change, model);
      long leaseId = leaseIds.size() == 1 ? leaseIds.iterator().next() : 0;
      if (leaseId != 0 && model.attachedTo(leaseId).equals(deleted)) {
        return request == null ? new ByLeaseEnd(leaseId) : new Ambiguous(leaseId);
      }
      if (request != null) {
        used.add(request);
        return new ByOp(request);
      }
      leaseIds.remove(0L);
      String what = "revision " + change.revision() + " deletes " + deleted;
      String why =
          switch (leaseIds.size()) {
            case 0 -> ", which nobody asked for";
            case 1 ->
                " but to lease "
                    + leaseIds.iterator().next()
                    + " were attached "
                    + model.attachedTo(leaseIds.iterator().next());
            default -> " of the leases " + leaseIds + " together";
          };
      return new Unexplained(what + why, leaseIds, List.of(change.told()));
    }

    private @Nullable Op deleter(Set<String> deleted, CanonicalLog.Change change, KeyModel model) {
      // A request for the one key can have done nothing else, so it is spent first.
      List<Op> possible =
          new ArrayList<>(deletesOfOneKey.getOrDefault(deleted.iterator().next(), List.of()));
      possible.addAll(deletesOfRanges);
      for (Op op : possible) {
        boolean ofLock = op.request() instanceof Request.Release && deleted.size() == 1;
        boolean inTime = floors.getOrDefault(op, 0L) < change.revision();
        if (inTime && !used.contains(op) && (ofLock || wouldDo(op, change, model))) {
          return op;
        }
      }
      return abandonedWait(deleted);
    }

    /** A lock service takes the key of a client that stopped waiting away again. */
    private @Nullable Op abandonedWait(Set<String> deleted) {
      String key = deleted.iterator().next();
      for (List<Op> ofLease : deleted.size() == 1 ? acquires.values() : List.<List<Op>>of()) {
        for (Op op : ofLease) {
          if (!op.isOk() && key.startsWith(((Request.Acquire) op.request()).lock() + "/")) {
            return op;
          }
        }
      }
      return null;
    }

    private static boolean wouldDo(Op op, CanonicalLog.Change change, KeyModel model) {
      return op.request() instanceof Request.OnKeys request
          && model.run(request, change.revision()).events().equals(change.events());
    }
  }
}
