package io.leasehold.core.key;

import org.jspecify.annotations.Nullable;

/**
 * The key space as of one moment. Revisions asked for lie between {@link #compactedRevision()} and
 * {@link #revision()}, both included; the caller sees to that.
 *
 * <p>Visits end early when the visitor returns false. Used by one thread at a time. Methods throw
 * {@link io.leasehold.core.state.StateStoreException} when the storage fails.
 */
public interface KeyView {
  /** Returns the newest revision in this view; 1 when nothing was ever written. */
  long revision();

  /** Returns the revision of the last compaction, 0 for none: what was older is gone. */
  long compactedRevision();

  /** Returns a key as it was at a revision, or null when it did not exist. */
  @Nullable KeyValue get(Bytes key, long revision);

  /** Visits the keys of a range as they were at a revision, in order of keys. */
  void forEach(KeyRange range, long revision, Visitor<KeyValue> visitor);

  /** Returns how many keys of a range there were at a revision. */
  long count(KeyRange range, long revision);

  /**
   * Visits the changes of the revisions from {@code first} to {@code last}, in order of revisions,
   * and within one in the order in which they were recorded.
   */
  void forEachEvent(long first, long last, Visitor<KeyEvent> visitor);

  /** Visits the keys attached to a lease in this view's newest revision, in order of keys. */
  void forEachAttached(long leaseId, Visitor<Bytes> visitor);

  /** Hears of one item, and tells whether to go on. */
  @FunctionalInterface
  interface Visitor<T> {
    boolean visit(T item);
  }
}
