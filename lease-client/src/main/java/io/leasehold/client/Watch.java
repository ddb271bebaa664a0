package io.leasehold.client;

/** Tells of changes of keys, without a gap, across lost connections and members. */
public interface Watch {
  /**
   * Tells of every change from a revision on; of those from now on if it is 0. Goes on until the
   * result is closed.
   */
  Watcher watch(KeyRange range, long fromRevision, WatchListener listener);
}
