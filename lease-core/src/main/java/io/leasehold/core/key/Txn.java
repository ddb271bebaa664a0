package io.leasehold.core.key;

import java.util.List;
import java.util.function.Predicate;

/**
 * A transaction: when all comparisons hold, {@code success} runs, else {@code failure}; all or
 * nothing, all writes at one revision. A put or a delete alone is a transaction without
 * comparisons.
 *
 * <p>The comparisons of nested transactions, too, look at the keys as they were before the
 * outermost one began, as in etcd.
 */
public record Txn(List<Comparison> comparisons, List<Op> success, List<Op> failure) {
  public Txn {
    comparisons = List.copyOf(comparisons);
    success = List.copyOf(success);
    failure = List.copyOf(failure);
  }

  /** Returns the transaction of one unconditional operation. */
  public static Txn of(Op op) {
    return new Txn(List.of(), List.of(op), List.of());
  }

  /** Tells whether no branch, nested ones included, could change a key. */
  public boolean isReadOnly() {
    return !hasOp(op -> op instanceof Op.Put || op instanceof Op.DeleteRange);
  }

  /** Tells whether some branch, nested ones included, has a put. */
  public boolean hasPut() {
    return hasOp(op -> op instanceof Op.Put);
  }

  private boolean hasOp(Predicate<Op> wanted) {
    return hasOp(success, wanted) || hasOp(failure, wanted);
  }

  private static boolean hasOp(List<Op> ops, Predicate<Op> wanted) {
    for (Op op : ops) {
      if (wanted.test(op) || (op instanceof Op.Nested nested && nested.txn().hasOp(wanted))) {
        return true;
      }
    }
    return false;
  }
}
