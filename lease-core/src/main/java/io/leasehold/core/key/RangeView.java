package io.leasehold.core.key;

import org.jspecify.annotations.Nullable;

/**
 * Keys by name and revision: what it takes to answer a {@link RangeQuery}. Revisions asked for lie
 * between {@link #compactedRevision()} and {@link #revision()}, both included; the caller sees to
 * that.
 *
 * <p>Visits end early when the visitor returns false. Used by one thread at a time. Methods throw
 * {@link io.leasehold.core.state.StateStoreException} when the storage fails.
 */
public interface RangeView {
  /** Returns the newest revision in this view; 1 when nothing was ever written. */
  long revision();

  /** Returns the revision of the last compaction, 0 for none: what was older is gone. */
  long compactedRevision();

  /** Returns a key as it was at a revision, or null when it did not exist. */
  @Nullable KeyValue get(Bytes key, long revision);

  /** Visits the keys of a range as they were at a revision, in order of keys. */
  void forEach(KeyRange range, long revision, KeyView.Visitor<KeyValue> visitor);

  /** Returns how many keys of a range there were at a revision. */
  long count(KeyRange range, long revision);
}
