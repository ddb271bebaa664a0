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
    PUT,
    DELETE
  }

  public boolean isDeletion() {
    return kind == Kind.DELETE;
  }
}
