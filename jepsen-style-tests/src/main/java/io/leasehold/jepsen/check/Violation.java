package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Entry;
import java.util.List;

/**
 * One proof that a property does not hold.
 *
 * @param proof the recorded lines that cannot all be true of a correct cluster
 */
public record Violation(String message, List<Entry> proof) {
  public Violation {
    proof = List.copyOf(proof);
  }
}
