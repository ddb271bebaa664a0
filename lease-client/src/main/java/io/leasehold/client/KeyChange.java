package io.leasehold.client;

/**
 * One change of a key.
 *
 * @param kind whether it was written or deleted
 * @param entry the key after the change; for a deletion key and revision alone
 */
public record KeyChange(Kind kind, KeyEntry entry) {
  /** What happened. */
  public enum Kind {
    /** It was written. */
    PUT,
    /** It was deleted, or ended with its lease. */
    DELETE
  }

  /** Returns whether the key is gone. */
  public boolean isDeletion() {
    return kind == Kind.DELETE;
  }
}
