package io.leasehold.core.key;

import java.util.List;

/**
 * A transaction: when all comparisons hold, {@code success} runs, else {@code failure}; all or
 * nothing, all writes at one revision. A put or a delete alone is a transaction without
 * comparisons.
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
}
