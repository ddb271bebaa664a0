package io.leasehold.jepsen.check;

import io.leasehold.jepsen.check.Linearizability.Call;
import io.leasehold.jepsen.check.Linearizability.Kind;
import io.leasehold.jepsen.check.Linearizability.Search;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keys that were used as plain registers (put, read, deleted, compared by value and set; on no
 * lease) are linearizable without looking at any revision.
 */
final class Registers implements Checker {
  private static final String PROPERTY = "WGL";
  private static final int KEYS_MAX = 2_000;
  private static final int CALLS_OF_A_KEY_MAX = 2_000;
  private static final long STEPS_OF_A_KEY_MAX = 2_000_000;

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    IdentityHashMap<Call, Op> sources = new IdentityHashMap<>();
    Map<String, List<Call>> registers = registers(evidence, sources);
    if (registers.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "no key was used as a register");
    }
    Findings findings = new Findings(PROPERTY);
    Linearizability linearizability = new Linearizability(STEPS_OF_A_KEY_MAX);
    long keys = 0;
    long calls = 0;
    long steps = 0;
    long undecided = 0;
    for (Map.Entry<String, List<Call>> register : registers.entrySet()) {
      if (keys >= KEYS_MAX || register.getValue().size() > CALLS_OF_A_KEY_MAX) {
        findings.count("keys left out");
        continue;
      }
      keys++;
      calls += register.getValue().size();
      Search search = linearizability.search(register.getValue());
      steps += search.steps();
      if (search.ruling() == Ruling.VIOLATED) {
        findings.violated(
            "%s: after the longest order, of %d calls, none of these can come next"
                .formatted(register.getKey(), search.prefix().size()),
            proof(search, sources));
      } else if (search.ruling() == Ruling.UNKNOWN) {
        undecided++;
        findings.unknown(
            "%s: no order was found in %d steps".formatted(register.getKey(), search.steps()));
      }
    }
    findings.figure("keys", keys);
    findings.figure("calls", calls);
    findings.figure("steps", steps);
    findings.figure("keys undecided", undecided);
    return findings.verdict();
  }

  /** What cannot be placed, and what was placed last. */
  private static @Nullable Entry[] proof(Search search, IdentityHashMap<Call, Op> sources) {
    List<@Nullable Entry> proof = new ArrayList<>();
    int placed = search.prefix().size();
    search
        .prefix()
        .subList(Math.max(0, placed - 5), placed)
        .forEach(call -> proof.add(sources.get(call)));
    search.stuck().forEach(call -> proof.add(sources.get(call)));
    return proof.toArray(new Entry[0]);
  }

  private static Map<String, List<Call>> registers(
      Evidence evidence, IdentityHashMap<Call, Op> sources) {
    Map<String, List<Call>> registers = new TreeMap<>();
    Set<String> other = new HashSet<>();
    Set<KeyRange> otherRanges = new HashSet<>();
    for (Op op : evidence.history().ops()) {
      if (op.request() instanceof Request.Acquire acquire) {
        otherRanges.add(KeyRange.one(acquire.lock()));
        otherRanges.add(KeyRange.prefix(acquire.lock() + "/"));
      }
      if (!(op.request() instanceof Request.OnKeys request)) {
        continue;
      }
      String key = registerOf(request);
      if (key.isEmpty()) {
        Writes.forEachPart(
            request,
            part -> {
              if (part instanceof Request.Put put) {
                other.add(put.key());
              } else if (part instanceof Request.Delete delete) {
                otherRanges.add(delete.range());
              }
            });
      } else if (op.mayHaveHappened()) {
        Call call = call(op, request);
        sources.put(call, op);
        registers.computeIfAbsent(key, name -> new ArrayList<>()).add(call);
      }
    }
    registers
        .keySet()
        .removeIf(
            key ->
                other.contains(key) || otherRanges.stream().anyMatch(range -> range.contains(key)));
    return registers;
  }

  /** The one key that a request reads or writes as a register; empty if it does anything else. */
  private static String registerOf(Request.OnKeys request) {
    if (request instanceof Request.Put put) {
      return put.leaseId() == 0 ? put.key() : "";
    } else if (request instanceof Request.Delete delete) {
      return delete.range().isOneKey() ? delete.range().key() : "";
    } else if (request instanceof Request.Range range) {
      boolean latest = range.revision() == 0 && !range.serializable() && !range.countOnly();
      return latest && range.range().isOneKey() ? range.range().key() : "";
    } else if (request instanceof Request.Txn txn
        && txn.guards().size() == 1
        && txn.then().size() == 1
        && txn.then().get(0) instanceof Request.Put put
        && put.leaseId() == 0
        && txn.otherwise().stream().allMatch(Request.Range.class::isInstance)) {
      Request.Guard guard = txn.guards().get(0);
      boolean compares =
          guard.key().equals(put.key())
              && guard.relation() == Request.Relation.EQUAL
              && (guard.target() == Request.Target.VALUE || isAbsent(guard));
      return compares ? put.key() : "";
    }
    return "";
  }

  private static boolean isAbsent(Request.Guard guard) {
    return guard.number() == 0
        && (guard.target() == Request.Target.CREATE
            || guard.target() == Request.Target.MOD
            || guard.target() == Request.Target.VERSION);
  }

  private static Call call(Op op, Request.OnKeys request) {
    Call call;
    if (request instanceof Request.Put put) {
      call = Call.write(put.value(), op.invokedNanos(), op.returnedNanos());
    } else if (request instanceof Request.Txn txn && txn.then().get(0) instanceof Request.Put put) {
      Request.Guard guard = txn.guards().get(0);
      call =
          Call.compareAndSet(
              guard.target() == Request.Target.VALUE ? guard.value() : null,
              put.value(),
              op.answer() instanceof Answer.Decided decided && decided.succeeded(),
              op.invokedNanos(),
              op.returnedNanos());
    } else if (request instanceof Request.Delete) {
      call = new Call(Kind.WRITE, null, null, true, true, op.invokedNanos(), op.returnedNanos());
    } else {
      boolean found = op.answer() instanceof Answer.Ranged ranged && !ranged.found().isEmpty();
      String value =
          found && op.answer() instanceof Answer.Ranged ranged
              ? ranged.found().get(0).value()
              : null;
      call = Call.read(value, op.invokedNanos(), op.returnedNanos());
    }
    return op.isOk() ? call : call.unanswered();
  }
}
