package io.leasehold.core.key;

/** One operation of a transaction. */
public sealed interface Op {

  /** Reads; sees what earlier operations of the transaction wrote. */
  record Range(RangeQuery query) implements Op {}

  /**
   * Writes a key.
   *
   * @param leaseId the lease to attach it to, 0 for none
   * @param keepsValue leave the value the key has; there must be one
   * @param keepsLease leave the lease the key has; there must be a key
   * @param wantsPrevious answer what the key was before
   */
  record Put(
      Bytes key,
      Bytes value,
      long leaseId,
      boolean keepsValue,
      boolean keepsLease,
      boolean wantsPrevious)
      implements Op {}

  /** Deletes the keys of a range. */
  record DeleteRange(KeyRange range, boolean wantsPrevious) implements Op {}

  /** A transaction within a transaction, at the same revision. */
  record Nested(Txn txn) implements Op {}
}
