package io.leasehold.raft.storage;

import io.leasehold.raft.storage.StoredKeys.Row;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The hash of those versions that a compaction leaves, up to a revision. It passes over what the
 * compaction gave up and the scrubber has not yet deleted, so that members agree whatever each has
 * deleted. Likewise it adds the deletions that the sweeper has not yet written. Used by one thread,
 * which adds all rows in order.
 */
final class VersionsHash {
  private final long compactedRevision;
  private final long revision;
  private final CRC32C hash = new CRC32C();

  private final EndedLeases ended;

  /** The key of the row before, and 0 bytes at first. */
  private byte[] before = {};

  /** The last row that was current at the compaction: older ones of its key are given up. */
  private byte @Nullable [] kept;

  /**
   * @param ended the leases whose end the rows may not know of
   */
  VersionsHash(long compactedRevision, long revision, EndedLeases ended) {
    this.compactedRevision = compactedRevision;
    this.revision = revision;
    this.ended = ended;
  }

  /** Adds a row, if it counts; returns true. */
  boolean add(Row row) {
    Row deletion = ended.isEmpty() ? null : unsweptDeletion(row);
    before = row.key();
    if (deletion != null) {
      addStored(deletion);
    }
    return addStored(row);
  }

  /** Returns the deletion that will stand before a row, or null. */
  private @Nullable Row unsweptDeletion(Row row) {
    if (KeyCodec.isDeletion(row.value().length)) {
      return null;
    }
    long leaseId = KeyCodec.leaseId(row.value());
    long modRevision = KeyCodec.modRevision(row.value());
    long nextRevision =
        KeyCodec.isSameKey(before, row.key()) ? KeyCodec.revisionOfVersion(before) : Long.MAX_VALUE;
    EndedLease lease = ended.leaseOf(leaseId);
    return lease != null && lease.took(leaseId, modRevision, nextRevision - 1)
        ? new Row(KeyCodec.atRevision(row.key(), lease.revision()), KeyCodec.deletion())
        : null;
  }

  private boolean addStored(Row row) {
    long rowRevision = KeyCodec.revisionOfVersion(row.key());
    if (rowRevision > revision) {
      return true;
    }
    if (rowRevision <= compactedRevision) {
      if (kept != null && KeyCodec.isSameKey(kept, row.key())) {
        return true;
      }
      kept = row.key();
      if (KeyCodec.isDeletion(row.value().length)) {
        return true;
      }
    }
    hash.update(row.key());
    hash.update(row.value());
    return true;
  }

  int value() {
    return (int) hash.getValue();
  }
}
