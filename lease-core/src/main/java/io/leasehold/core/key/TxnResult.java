package io.leasehold.core.key;

import java.util.List;

/**
 * What a transaction answered.
 *
 * @param succeeded whether all comparisons held
 * @param results one for each operation of the branch that ran
 */
public record TxnResult(boolean succeeded, List<OpResult> results) {
  public TxnResult {
    results = List.copyOf(results);
  }
}
