package io.leasehold.core.key;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one operation of a transaction answered. */
public sealed interface OpResult {

  /**
   * Keys.
   *
   * @param keyValues what was asked for, filtered, sorted and cut
   * @param count how many keys the range has, whatever filters and limit
   * @param more whether the limit cut keys off
   */
  record Range(List<KeyValue> keyValues, long count, boolean more) implements OpResult {
    public Range {
      keyValues = List.copyOf(keyValues);
    }
  }

  /**
   * A put.
   *
   * @param previous what the key was, when that was asked for and it existed
   */
  record Put(@Nullable KeyValue previous) implements OpResult {}

  /**
   * Deletions.
   *
   * @param previous what was deleted, in order of keys; empty unless asked for
   */
  record DeleteRange(long count, List<KeyValue> previous) implements OpResult {
    public DeleteRange {
      previous = List.copyOf(previous);
    }
  }

  /** A nested transaction. */
  record Nested(TxnResult result) implements OpResult {}
}
