package io.leasehold.client;

import io.leasehold.client.OperationResult.Found;
import java.util.List;

/**
 * What a transaction did.
 *
 * @param succeeded whether all conditions held
 * @param revision the revision it made, or saw if it changed nothing
 * @param results one for each operation of the branch that was taken
 */
public record TxnResult(boolean succeeded, long revision, List<OperationResult> results) {
  public TxnResult {
    results = List.copyOf(results);
  }

  /** Returns the keys that the operation at an index read. */
  public Found found(int index) {
    if (results.get(index) instanceof Found found) {
      return found;
    }
    throw new IllegalArgumentException("operation " + index + " read nothing");
  }
}
