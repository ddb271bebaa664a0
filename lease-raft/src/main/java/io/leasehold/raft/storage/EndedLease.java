package io.leasehold.raft.storage;

/**
 * A lease that ended with so many keys that their rows are still as if they were attached to it:
 * the {@link KeySweeper} makes deletions of them. Until then {@link LiveKeys} sees to it that
 * nobody notices.
 *
 * @param revision the one at which its keys were deleted; a key with this lease that was changed
 *     later is attached to a later lease of the same ID
 */
record EndedLease(long leaseId, long revision) {

  /**
   * Tells whether this took a key along.
   *
   * @param keyLeaseId the lease in a row of the key, 0 for none
   * @param modRevision the revision of that row, the newest of its key up to {@code atRevision}
   */
  boolean took(long keyLeaseId, long modRevision, long atRevision) {
    return keyLeaseId == leaseId && modRevision < revision && revision <= atRevision;
  }
}
