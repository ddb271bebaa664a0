package io.leasehold.client;

import java.util.List;

/** What became of an {@link Operation}. */
public sealed interface OperationResult {
  /**
   * Keys that were read.
   *
   * @param entries the keys, as far as the limit allowed
   * @param count how many there are in the range, whatever the limit
   * @param revision the revision of the answer: nothing up to it is missing
   */
  record Found(List<KeyEntry> entries, long count, long revision) implements OperationResult {
    public Found {
      entries = List.copyOf(entries);
    }
  }

  /** A key was written. */
  record Written() implements OperationResult {}

  /** Keys were deleted, so many. */
  record Deleted(long count) implements OperationResult {}
}
