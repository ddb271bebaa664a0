package io.leasehold.core.key;

/** The key space as of one moment: its keys, their history, and which lease they hang on. */
public interface KeyView extends RangeView {
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
