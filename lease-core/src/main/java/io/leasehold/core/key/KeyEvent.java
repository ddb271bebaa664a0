package io.leasehold.core.key;

/** A change of one key at one revision. A revision changes a key at most once. */
public sealed interface KeyEvent {
  Bytes key();

  /** Returns the revision of the change. */
  long revision();

  /** The key was written. */
  record Put(KeyValue keyValue) implements KeyEvent {
    @Override
    public Bytes key() {
      return keyValue.key();
    }

    @Override
    public long revision() {
      return keyValue.modRevision();
    }
  }

  /** The key was deleted, by request or with its lease. */
  record Deleted(Bytes key, long revision) implements KeyEvent {}
}
