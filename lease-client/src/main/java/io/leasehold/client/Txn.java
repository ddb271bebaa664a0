package io.leasehold.client;

import java.util.List;

/**
 * A transaction: conditions on keys, and what is done if all of them hold, and if not. It happens
 * as a whole, at one revision.
 *
 * @param isRepeatable whether it may be made again when its answer was lost
 */
public record Txn(
    List<Condition> conditions,
    List<Operation> then,
    List<Operation> otherwise,
    boolean isRepeatable) {
  public Txn {
    conditions = List.copyOf(conditions);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
  }

  /** Begins a transaction with what must hold; nothing always does. */
  public static Txn when(Condition... conditions) {
    return new Txn(List.of(conditions), List.of(), List.of(), false);
  }

  /** Returns this transaction with what is done if all conditions hold. */
  public Txn then(Operation... operations) {
    return new Txn(conditions, List.of(operations), otherwise, isRepeatable);
  }

  /** Returns this transaction with what is done if a condition does not hold. */
  public Txn otherwise(Operation... operations) {
    return new Txn(conditions, then, List.of(operations), isRepeatable);
  }

  /**
   * Returns this transaction as one that comes to the same however often it is made; the client
   * then repeats it until it is answered.
   */
  public Txn repeatable() {
    return new Txn(conditions, then, otherwise, true);
  }
}
