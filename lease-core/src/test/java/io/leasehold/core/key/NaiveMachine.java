package io.leasehold.core.key;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.state.AlarmRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a key space is, written down as simply as possible: a whole map of keys for each revision.
 * Everything else is worked out from these maps when somebody asks.
 */
final class NaiveMachine {
  /** The maps by revision; those of the revisions 0 and 1 are empty. */
  private final List<NavigableMap<Bytes, KeyValue>> states = new ArrayList<>();

  final TreeSet<Long> leases = new TreeSet<>();
  private final TreeSet<AlarmRecord> alarms = new TreeSet<>();
  private long compactedRevision;

  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final KeyRefusal why;

    Refusal(KeyRefusal why) {
      this.why = why;
    }
  }

  NaiveMachine() {
    states.add(new TreeMap<>());
    states.add(new TreeMap<>());
  }

  long revision() {
    return states.size() - 1L;
  }

  long compactedRevision() {
    return compactedRevision;
  }

  List<AlarmRecord> alarms() {
    return List.copyOf(alarms);
  }

  /** Returns the keys of a range at a revision. */
  List<KeyValue> at(KeyRange range, long revision) {
    return in(range, states.get((int) revision));
  }

  /** Returns what a revision changed, in order of keys. */
  List<KeyEvent> events(long revision) {
    Map<Bytes, KeyValue> before = states.get((int) revision - 1);
    Map<Bytes, KeyValue> after = states.get((int) revision);
    TreeSet<Bytes> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    List<KeyEvent> events = new ArrayList<>();
    for (Bytes key : keys) {
      if (!after.containsKey(key)) {
        events.add(new KeyEvent.Deleted(key, revision));
      } else if (!after.get(key).equals(before.get(key))) {
        events.add(new KeyEvent.Put(after.get(key)));
      }
    }
    return events;
  }

  List<Bytes> attached(long leaseId) {
    return newest().values().stream()
        .filter(keyValue -> keyValue.leaseId() == leaseId)
        .map(KeyValue::key)
        .toList();
  }

  private NavigableMap<Bytes, KeyValue> newest() {
    return states.get(states.size() - 1);
  }

  Outcome apply(Command command) {
    try {
      if (command instanceof Command.Grant grant) {
        return grant(grant);
      } else if (command instanceof Command.Revoke revoke) {
        return revoke(revoke);
      } else if (command instanceof Command.Transact transact) {
        return transact(transact.txn());
      } else if (command instanceof Command.Compact compact) {
        return compact(compact.revision());
      }
      return setAlarm((Command.SetAlarm) command);
    } catch (Refusal refusal) {
      return new Outcome.KeysRefused(refusal.why, revision());
    }
  }

  private void refuseUnder(Alarm alarm, KeyRefusal why) {
    if (alarms.stream().anyMatch(raised -> raised.alarm() == alarm)) {
      throw new Refusal(why);
    }
  }

  private Outcome grant(Command.Grant grant) {
    refuseUnder(Alarm.CORRUPT, KeyRefusal.CORRUPT);
    refuseUnder(Alarm.NO_SPACE, KeyRefusal.NO_SPACE);
    return leases.add(grant.leaseId())
        ? new Outcome.Granted(grant.leaseId(), grant.ttlMillis())
        : new Outcome.LeaseExists(grant.leaseId());
  }

  private Outcome revoke(Command.Revoke revoke) {
    if (revoke.cause() == RevokeCause.REQUESTED) {
      refuseUnder(Alarm.CORRUPT, KeyRefusal.CORRUPT);
    }
    int count = 0;
    for (int i = 0; i < revoke.leaseIds().size(); i++) {
      long leaseId = revoke.leaseIds().get(i);
      if (leases.remove(leaseId)) {
        count++;
        TreeMap<Bytes, KeyValue> after = new TreeMap<>(newest());
        after.values().removeIf(keyValue -> keyValue.leaseId() == leaseId);
        become(after);
      }
    }
    return new Outcome.Revoked(count, revision());
  }

  private void become(NavigableMap<Bytes, KeyValue> after) {
    if (!after.equals(newest())) {
      states.add(after);
    }
  }

  private Outcome compact(long revision) {
    refuseUnder(Alarm.CORRUPT, KeyRefusal.CORRUPT);
    if (revision <= compactedRevision) {
      throw new Refusal(KeyRefusal.COMPACTED);
    }
    if (revision > revision()) {
      throw new Refusal(KeyRefusal.FUTURE_REVISION);
    }
    compactedRevision = revision;
    return new Outcome.Compacted(revision, revision());
  }

  private Outcome setAlarm(Command.SetAlarm set) {
    if (set.raised()) {
      return new Outcome.AlarmSet(alarms.add(new AlarmRecord(set.memberId(), set.alarm())));
    }
    return new Outcome.AlarmSet(
        alarms.removeIf(
            raised ->
                raised.alarm() == set.alarm()
                    && (set.memberId() == 0 || set.memberId() == raised.memberId())));
  }

  // Transactions

  private Outcome transact(Txn txn) {
    refuseUnder(Alarm.CORRUPT, KeyRefusal.CORRUPT);
    if (puts(txn)) {
      refuseUnder(Alarm.NO_SPACE, KeyRefusal.NO_SPACE);
    }
    TreeMap<Bytes, KeyValue> after = new TreeMap<>(newest());
    TxnResult result = run(txn, after);
    become(after);
    return new Outcome.Transacted(revision(), result);
  }

  /** Answers a transaction and leaves no trace of it. */
  TxnAnswer answer(Txn txn) {
    try {
      return new TxnAnswer.Ran(run(txn, new TreeMap<>(newest())));
    } catch (Refusal refusal) {
      return new TxnAnswer.Refused(refusal.why);
    }
  }

  private static boolean puts(Txn txn) {
    List<Op> all = new ArrayList<>(txn.success());
    all.addAll(txn.failure());
    return all.stream()
        .anyMatch(op -> op instanceof Op.Put || (op instanceof Op.Nested n && puts(n.txn())));
  }

  private TxnResult run(Txn txn, NavigableMap<Bytes, KeyValue> now) {
    boolean succeeded = txn.comparisons().stream().allMatch(this::holds);
    List<OpResult> results = new ArrayList<>();
    for (Op op : succeeded ? txn.success() : txn.failure()) {
      if (op instanceof Op.Range range) {
        results.add(range(range.query(), now));
      } else if (op instanceof Op.Put put) {
        results.add(put(put, now));
      } else if (op instanceof Op.DeleteRange delete) {
        List<KeyValue> gone = in(delete.range(), now);
        gone.forEach(keyValue -> now.remove(keyValue.key()));
        results.add(
            new OpResult.DeleteRange(gone.size(), delete.wantsPrevious() ? gone : List.of()));
      } else {
        results.add(new OpResult.Nested(run(((Op.Nested) op).txn(), now)));
      }
    }
    return new TxnResult(succeeded, results);
  }

  private OpResult put(Op.Put put, NavigableMap<Bytes, KeyValue> now) {
    KeyValue old = now.get(put.key());
    if ((put.keepsValue() || put.keepsLease()) && old == null) {
      throw new Refusal(KeyRefusal.KEY_NOT_FOUND);
    }
    long leaseId = put.keepsLease() ? old.leaseId() : put.leaseId();
    if (leaseId != 0 && !leases.contains(leaseId)) {
      throw new Refusal(KeyRefusal.LEASE_NOT_FOUND);
    }
    Bytes value = put.keepsValue() ? old.value() : put.value();
    long mod = revision() + 1;
    KeyValue fresh = new KeyValue(put.key(), value, mod, mod, 1, leaseId);
    now.put(
        put.key(),
        old == null
            ? fresh
            : new KeyValue(
                put.key(), value, old.createRevision(), mod, old.version() + 1, leaseId));
    return new OpResult.Put(put.wantsPrevious() ? old : null);
  }

  private boolean holds(Comparison comparison) {
    List<KeyValue> keyValues = in(comparison.range(), newest());
    if (keyValues.isEmpty()) {
      return comparison.target() != Comparison.Target.VALUE
          && holds(comparison, new KeyValue(Bytes.EMPTY, Bytes.EMPTY, 0, 0, 0, 0));
    }
    return keyValues.stream().allMatch(keyValue -> holds(comparison, keyValue));
  }

  private static boolean holds(Comparison comparison, KeyValue keyValue) {
    if (comparison.target() == Comparison.Target.VALUE) {
      return stands(comparison, keyValue.value(), comparison.value());
    }
    ToLongFunction<KeyValue> number =
        switch (comparison.target()) {
          case VERSION -> KeyValue::version;
          case CREATE -> KeyValue::createRevision;
          case MOD -> KeyValue::modRevision;
          default -> KeyValue::leaseId;
        };
    return stands(comparison, number.applyAsLong(keyValue), comparison.number());
  }

  private static <T extends Comparable<T>> boolean stands(Comparison how, T is, T given) {
    return switch (how.relation()) {
      case EQUAL -> is.equals(given);
      case NOT_EQUAL -> !is.equals(given);
      case GREATER -> is.compareTo(given) > 0;
      case LESS -> is.compareTo(given) < 0;
    };
  }

  // Reading

  /** Answers a query by itself. */
  OpResult.Range range(RangeQuery query) {
    return range(query, newest());
  }

  private OpResult.Range range(RangeQuery query, NavigableMap<Bytes, KeyValue> now) {
    NavigableMap<Bytes, KeyValue> state = now;
    if (query.revision() > 0) {
      KeyRefusal why = refusal(query);
      if (why != null) {
        throw new Refusal(why);
      }
      state = states.get((int) query.revision());
    }
    List<KeyValue> all = in(query.range(), state);
    if (query.countOnly()) {
      return new OpResult.Range(List.of(), all.size(), false);
    }
    List<KeyValue> left =
        all.stream()
            .filter(k -> query.minModRevision() == 0 || k.modRevision() >= query.minModRevision())
            .filter(k -> query.maxModRevision() == 0 || k.modRevision() <= query.maxModRevision())
            .filter(
                k ->
                    query.minCreateRevision() == 0
                        || k.createRevision() >= query.minCreateRevision())
            .filter(
                k ->
                    query.maxCreateRevision() == 0
                        || k.createRevision() <= query.maxCreateRevision())
            .sorted(order(query))
            .toList();
    boolean more = query.limit() > 0 && left.size() > query.limit();
    List<KeyValue> cut = more ? left.subList(0, (int) query.limit()) : left;
    return new OpResult.Range(
        query.keysOnly() ? cut.stream().map(NaiveMachine::keyOnly).toList() : cut,
        all.size(),
        more);
  }

  @Nullable KeyRefusal refusal(RangeQuery query) {
    if (query.revision() > revision()) {
      return KeyRefusal.FUTURE_REVISION;
    }
    boolean isGone = query.revision() > 0 && query.revision() < compactedRevision;
    return isGone ? KeyRefusal.COMPACTED : null;
  }

  private static Comparator<KeyValue> order(RangeQuery query) {
    Comparator<KeyValue> order =
        switch (query.sortTarget()) {
          case KEY -> Comparator.comparing(KeyValue::key);
          case VERSION -> Comparator.comparingLong(KeyValue::version);
          case CREATE -> Comparator.comparingLong(KeyValue::createRevision);
          case MOD -> Comparator.comparingLong(KeyValue::modRevision);
          case VALUE -> Comparator.comparing(KeyValue::value);
        };
    return query.sortOrder() == RangeQuery.SortOrder.DESCEND ? order.reversed() : order;
  }

  private static KeyValue keyOnly(KeyValue k) {
    return new KeyValue(
        k.key(), Bytes.EMPTY, k.createRevision(), k.modRevision(), k.version(), k.leaseId());
  }

  private static List<KeyValue> in(KeyRange range, NavigableMap<Bytes, KeyValue> state) {
    return state.values().stream().filter(keyValue -> range.contains(keyValue.key())).toList();
  }
}
