package io.leasehold.core.key;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs one transaction without writing anything: works out the answer and the changes, or why it is
 * refused. What no branch that runs asks for is not checked.
 */
final class TxnRun {
  private final RangeView before;
  private final TxnChanges changes;
  private final LongPredicate leaseExists;
  private final AnswerBudget budget;
  private @Nullable KeyRefusal refusal;

  /**
   * @param budget has to have room for what is answered and what is changed
   */
  TxnRun(RangeView before, LongPredicate leaseExists, AnswerBudget budget) {
    this.before = before;
    this.changes = new TxnChanges(before);
    this.leaseExists = leaseExists;
    this.budget = budget;
  }

  TxnAnswer run(Txn txn) {
    TxnResult result = branch(txn);
    return result == null
        ? new TxnAnswer.Refused(Objects.requireNonNull(refusal))
        : new TxnAnswer.Ran(result);
  }

  /** Returns what the transaction changes, once it ran. */
  TxnChanges changes() {
    return changes;
  }

  /** Returns null when an operation was refused. */
  private @Nullable TxnResult branch(Txn txn) {
    boolean succeeded = Comparisons.hold(before, txn.comparisons());
    List<Op> ops = succeeded ? txn.success() : txn.failure();
    List<OpResult> results = new ArrayList<>(ops.size());
    for (Op op : ops) {
      OpResult result = run(op);
      if (result == null) {
        return null;
      }
      results.add(result);
    }
    return new TxnResult(succeeded, results);
  }

  private @Nullable OpResult run(Op op) {
    if (op instanceof Op.Range range) {
      return range(range.query());
    } else if (op instanceof Op.Put put) {
      return put(put);
    } else if (op instanceof Op.DeleteRange delete) {
      return delete(delete);
    } else if (op instanceof Op.Nested nested) {
      TxnResult result = branch(nested.txn());
      return result == null ? null : new OpResult.Nested(result);
    }
    throw new IllegalStateException("no rule for " + op);
  }

  private @Nullable OpResult range(RangeQuery query) {
    // The transaction's own revision can be read, but not asked for by its number.
    KeyRefusal why = RangeQueries.refusal(before, query);
    if (why != null) {
      return refuse(why);
    }
    OpResult.Range answer = RangeQueries.answer(changes, query, budget);
    return answer == null ? refuse(KeyRefusal.TOO_LARGE) : answer;
  }

  private @Nullable OpResult put(Op.Put put) {
    KeyValue previous = changes.get(put.key(), changes.revision());
    if (previous == null && (put.keepsValue() || put.keepsLease())) {
      return refuse(KeyRefusal.KEY_NOT_FOUND);
    }
    long leaseId = put.leaseId();
    if (put.keepsLease() && previous != null) {
      leaseId = previous.leaseId();
    } else if (leaseId != 0 && !leaseExists.test(leaseId)) {
      return refuse(KeyRefusal.LEASE_NOT_FOUND);
    }
    long revision = changes.ownRevision();
    KeyValue now =
        new KeyValue(
            put.key(),
            put.keepsValue() && previous != null ? previous.value() : put.value(),
            previous == null ? revision : previous.createRevision(),
            revision,
            previous == null ? 1 : previous.version() + 1,
            leaseId);
    long bytes = AnswerBudget.sizeOf(now);
    if (put.wantsPrevious() && previous != null) {
      bytes += AnswerBudget.sizeOf(previous);
    }
    if (!budget.take(bytes)) {
      return refuse(KeyRefusal.TOO_LARGE);
    }
    changes.put(previous, now);
    return new OpResult.Put(put.wantsPrevious() ? previous : null);
  }

  private @Nullable OpResult delete(Op.DeleteRange delete) {
    List<KeyValue> found = new ArrayList<>();
    RangeQueries.visit(
        changes,
        delete.range(),
        changes.revision(),
        keyValue -> {
          KeyValue deleted = delete.wantsPrevious() ? keyValue : keyValue.withoutValue();
          if (!budget.take(AnswerBudget.sizeOf(deleted))) {
            refuse(KeyRefusal.TOO_LARGE);
            return false;
          }
          return found.add(deleted);
        });
    if (refusal != null) {
      return null;
    }
    found.forEach(changes::delete);
    return new OpResult.DeleteRange(found.size(), delete.wantsPrevious() ? found : List.of());
  }

  private @Nullable OpResult refuse(KeyRefusal why) {
    refusal = why;
    return null;
  }
}
