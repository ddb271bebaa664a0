package io.leasehold.core.key;

/**
 * The committed key space as of one moment, held for a reader until it closes it. Nothing that is
 * committed, compacted or deleted later changes what it shows.
 *
 * <p>Opened and closed on any thread; used by one at a time. May read the disk, so not for threads
 * that must not block. When the state is closed, or replaced by a snapshot of the leader's, the
 * reading ends: from then on its methods throw {@link io.leasehold.core.state.StateStoreException},
 * and the reader opens another.
 */
public interface KeyReading extends KeyView, AutoCloseable {

  /**
   * Returns a hash of all versions up to a revision that compaction has not given up: equal on all
   * members that have the same last compaction, whatever each has deleted of it so far. Reads
   * everything.
   *
   * @param revision from {@link #compactedRevision()} to {@link #revision()}, both included
   */
  HistoryHash hash(long revision);

  @Override
  void close();
}
