package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.state.StateStoreException;
import io.leasehold.raft.storage.KeyCodec.Change;
import io.leasehold.raft.storage.KeyCodec.Scrubbed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what compactions gave up: versions that are not the newest of their key at the compacted
 * revision, deletions up to it, and history before it.
 *
 * <p>It follows history rather than all keys: whatever is superseded was superseded by a change
 * that history knows. So a compaction costs what was changed since the last, not what there is.
 * History goes together with the versions that it led to, in one batch that carries how far this
 * has come; after a crash it goes on there.
 *
 * <p>Works on a thread of its own, which lives while there is something to do, in small batches
 * between which commits, readers and closing find their way. The apply thread writes only what is
 * newer than any compaction, so the two never meet in a row.
 */
final class KeyScrubber {
  /** Changes of one batch: some milliseconds of seeking, fewer of writing. */
  private static final int BATCH_CHANGES_MAX = 512;

  private static final Logger LOG = LoggerFactory.getLogger(KeyScrubber.class);

  private record Waiter(long revision, Consumer<Boolean> done) {}

  private final Database database;
  private final StoredKeys stored;
  private final List<Waiter> waiters = new ArrayList<>();
  private @Nullable Thread thread;
  private boolean isWanted;
  private boolean isClosed;
  private volatile long scrubbedRevision;
  private volatile @Nullable StateStoreException failure;

  KeyScrubber(Database database) {
    this.database = database;
    this.stored = new StoredKeys(database);
  }

  /** Returns the last compaction of which nothing is left to delete. Any thread. */
  long scrubbedRevision() {
    return scrubbedRevision;
  }

  /** Throws if it had to give up. Any thread. */
  void requireHealthy() {
    StateStoreException failed = failure;
    if (failed != null) {
      throw new StateStoreException(String.valueOf(failed.getMessage()), failed);
    }
  }

  /** There is a database, or another one: goes on where its scrubber was. Apply thread. */
  void reload() {
    boolean isBehind =
        database.use(
            "cannot open the state",
            db -> {
              scrubbedRevision = stored.scrubbed().revision();
              return scrubbedRevision < stored.numbers().compactedRevision();
            });
    if (isBehind) {
      wakeUp();
    }
    answerAll(true);
  }

  /** A compaction was committed. */
  void wakeUp() {
    synchronized (this) {
      isWanted = true;
      if (thread == null && !isClosed && failure == null) {
        thread = new Thread(this::run, "key-scrubber");
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  /**
   * Calls back with true once nothing is left of what the compaction at {@code revision} gave up,
   * and with false when the store is closed first. Any thread.
   */
  void whenScrubbed(long revision, Consumer<Boolean> done) {
    boolean isOver;
    synchronized (this) {
      isOver = isClosed || failure != null;
      if (!isOver && scrubbedRevision < revision) {
        waiters.add(new Waiter(revision, done));
        return;
      }
    }
    done.accept(!isOver);
  }

  /** Ends the work; what is left will be done when the database is opened again. */
  void close() {
    Thread running;
    synchronized (this) {
      isClosed = true;
      running = thread;
    }
    if (running != null) {
      boolean isInterrupted = false;
      while (running.isAlive()) {
        try {
          running.join();
        } catch (InterruptedException e) {
          isInterrupted = true; // a batch is short, and the database must not be closed before
        }
      }
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
    answerAll(false);
  }

  private void run() {
    try {
      while (isStillWanted()) {
        boolean isDone = false;
        while (!isDone && !isClosed()) {
          isDone = scrubBatch();
          answerAll(true);
        }
      }
    } catch (StateStoreException e) {
      failure = e; // the next commit tells
      synchronized (this) {
        thread = null;
      }
      answerAll(false);
    }
  }

  private synchronized boolean isStillWanted() {
    if (!isWanted || isClosed) {
      thread = null;
      return false;
    }
    isWanted = false;
    return true;
  }

  private synchronized boolean isClosed() {
    return isClosed;
  }

  /** Answers those whose compaction is done, or all that it is not. */
  private void answerAll(boolean isScrubbed) {
    List<Waiter> answered = new ArrayList<>();
    synchronized (this) {
      for (Waiter waiter : waiters) {
        if (!isScrubbed || waiter.revision() <= scrubbedRevision) {
          answered.add(waiter);
        }
      }
      waiters.removeAll(answered);
    }
    for (Waiter waiter : answered) {
      try {
        waiter.done().accept(isScrubbed);
      } catch (RuntimeException e) {
        // A bug of its owner, and no reason to stop.
        LOG.error("a callback of a compaction failed", e);
      }
    }
  }

  /** Deletes a batch; tells whether it was the last. */
  private boolean scrubBatch() {
    return database.use(
        "cannot delete compacted keys",
        db -> {
          Scrubbed before = stored.scrubbed();
          long compactedRevision = stored.numbers().compactedRevision();
          if (before.revision() >= compactedRevision) {
            return true;
          }
          try (WriteBatch batch = new WriteBatch()) {
            Scrubbed after = fill(batch, db, before, compactedRevision);
            batch.put(KeyCodec.scrubbedKey(), KeyCodec.scrubbed(after));
            database.writeInBackground(batch);
            scrubbedRevision = after.revision();
            return after.revision() >= compactedRevision;
          }
        });
  }

  /** Fills a batch; returns how far that brings the work. */
  private Scrubbed fill(WriteBatch batch, RocksDB db, Scrubbed before, long compactedRevision)
      throws RocksDBException {
    Map<Bytes, Superseding> latest = new TreeMap<>();
    int changes = 0;
    try (Rows history = history(db, before, compactedRevision)) {
      for (; history.isAtRow(); history.next()) {
        byte[] row = history.key();
        long revision = KeyCodec.revisionOfHistory(row);
        if (changes >= BATCH_CHANGES_MAX) {
          deleteSuperseded(batch, db, latest);
          return new Scrubbed(before.revision(), revision, KeyCodec.partOfHistory(row));
        }
        if (revision >= before.nextRevision()) {
          for (Change change : KeyCodec.changes(history.value())) {
            latest.put(change.key(), new Superseding(revision, change.isPut()));
            changes++;
          }
        }
        if (revision < compactedRevision) {
          batch.delete(row);
        }
      }
    }
    deleteSuperseded(batch, db, latest);
    return new Scrubbed(compactedRevision, compactedRevision + 1, 0);
  }

  /** The last change of a key in a batch: all its older versions are given up. */
  private record Superseding(long revision, boolean isPut) {}

  /**
   * Returns the rows of history that come next. The revision of the last compaction was left then,
   * since watchers may begin at it; at the beginning of another it comes first, to be deleted.
   */
  private static Rows history(RocksDB db, Scrubbed before, long compactedRevision) {
    boolean isBeginning = before.nextRevision() == before.revision() + 1 && before.nextPart() == 0;
    byte[] from =
        isBeginning
            ? KeyCodec.historyKey(before.revision(), 0)
            : KeyCodec.historyKey(before.nextRevision(), before.nextPart());
    return new Rows(db, from, KeyCodec.historyKey(compactedRevision + 1, 0));
  }

  private static void deleteSuperseded(WriteBatch batch, RocksDB db, Map<Bytes, Superseding> latest)
      throws RocksDBException {
    if (latest.isEmpty()) {
      return;
    }
    try (Rows versions =
        new Rows(
            db,
            new byte[] {StateCodec.KIND_VERSION},
            KeyCodec.afterKind(StateCodec.KIND_VERSION))) {
      for (Map.Entry<Bytes, Superseding> change : latest.entrySet()) {
        byte[] row = KeyCodec.versionKey(change.getKey(), change.getValue().revision());
        if (!change.getValue().isPut()) {
          batch.delete(row);
        }
        versions.seek(KeyCodec.versionKey(change.getKey(), change.getValue().revision() - 1));
        for (; versions.isAtRow(); versions.next()) {
          byte[] older = versions.key();
          if (!KeyCodec.isSameKey(older, row)) {
            break;
          }
          batch.delete(older);
        }
      }
    }
  }
}
