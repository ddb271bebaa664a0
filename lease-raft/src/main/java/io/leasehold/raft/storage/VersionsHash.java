package io.leasehold.raft.storage;

import io.leasehold.raft.storage.StoredKeys.Row;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The hash of those versions that a compaction leaves, up to a revision. It passes over what the
 * compaction gave up and the scrubber has not yet deleted, so that members agree whatever each has
 * deleted. Used by one thread, which adds all rows in order.
 */
final class VersionsHash {
  private final long compactedRevision;
  private final long revision;
  private final CRC32C hash = new CRC32C();

  /** The last row that was current at the compaction: older ones of its key are given up. */
  private byte @Nullable [] kept;

  VersionsHash(long compactedRevision, long revision) {
    this.compactedRevision = compactedRevision;
    this.revision = revision;
  }

  /** Adds a row, if it counts; returns true. */
  boolean add(Row row) {
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
