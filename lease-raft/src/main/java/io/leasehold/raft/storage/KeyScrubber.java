package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.state.StateStoreException;
import io.leasehold.raft.storage.KeyCodec.Change;
import io.leasehold.raft.storage.KeyCodec.Numbers;
import io.leasehold.raft.storage.KeyCodec.Scrubbed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be done to keys in the background: lets the {@link KeySweeper} complete the ends of
 * leases, and after that deletes what compactions gave up: versions that are not the newest of
 * their key at the compacted revision, deletions up to it, and history before it.
 *
 * <p>It follows history rather than all keys: whatever is superseded was superseded by a change
 * that history knows. So a compaction costs what was changed since the last, not what there is.
 * History goes after the versions that it led to, in one batch that carries how far this has come;
 * after a crash it goes on there.
 *
 * <p>Works on a thread of its own, which lives while there is something to do, in small batches
 * between which commits, readers and closing find their way. The apply thread writes only what is
 * newer than any compaction, so what is deleted here it never meets in a row; of what is swept see
 * the sweeper.
 */
final class KeyScrubber {
  /**
   * Changes that are worked off together, in order of keys: neighbours share what is read, and of a
   * key that changed often only the last change counts. Bounds memory, too.
   */
  private static final int STRETCH_CHANGES_MAX = 65_536;

  /** Bytes of the keys of such changes. */
  private static final int STRETCH_BYTES_MAX = 8 << 20;

  /** Keys of one batch: some milliseconds of seeking. */
  private static final int BATCH_KEYS_MAX = 512;

  /** Rows that a batch deletes, but for those of its last key: some milliseconds of writing. */
  private static final int BATCH_ROWS_MAX = 1024;

  /** Versions of a key that are deleted one by one; more go with one deletion of a range. */
  private static final int ONE_BY_ONE_MAX = 1024;

  /** Between pieces that are swept; a few times what one takes, since nobody waits for them. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

  /** The same while so many leases wait that soon one might have to be swept at once. */
  private static final long CROWDED_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(KeyScrubber.class);

  private record Waiter(long revision, Consumer<Boolean> done) {}

  private final Database database;
  private final KeySweeper sweeper;
  private final StoredKeys stored;
  private final List<Waiter> waiters = new ArrayList<>();
  private @Nullable Thread thread;
  private boolean isWanted;
  private boolean isClosed;
  private volatile long scrubbedRevision;
  private volatile @Nullable StateStoreException failure;

  /**
   * @param sweeper completes what this is to clean up, and works before it on the same thread
   */
  KeyScrubber(Database database, KeySweeper sweeper) {
    this.database = database;
    this.sweeper = sweeper;
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
    scrubbedRevision = stored.scrubbed().revision();
    Numbers numbers = stored.numbers();
    if (scrubbedRevision < numbers.compactedRevision() || !numbers.ended().isEmpty()) {
      wakeUp();
    }
    answerAll(true);
  }

  /** A compaction was committed, or the end of a lease that is to be swept. */
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
          if (!sweepPiece()) {
            isDone = scrubStretch();
          }
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

  /** Sweeps, and then leaves the processor to others for a while. */
  private boolean sweepPiece() {
    boolean isSwept = sweeper.sweepPiece();
    if (isSwept) {
      LockSupport.parkNanos(sweeper.isCrowded() ? CROWDED_PAUSE_NANOS : PAUSE_NANOS);
    }
    return isSwept;
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

  /**
   * What one stretch of history led to.
   *
   * @param generation of the database, which is the only one that this can be done to
   * @param before how far the work had come when it was read
   * @param after how far it has come when all of it is deleted
   * @param latest the last change in it of each key: all older versions are given up
   */
  private record Stretch(
      int generation, Scrubbed before, Scrubbed after, NavigableMap<Bytes, Superseding> latest) {}

  /** The last change of a key in a stretch. */
  private record Superseding(long revision, boolean isPut) {}

  /** Deletes what a stretch of history led to; tells whether there is no other. */
  private boolean scrubStretch() {
    Stretch stretch =
        database.ask(
            "cannot read compacted keys",
            db -> {
              Scrubbed before = stored.scrubbed();
              Numbers numbers = stored.numbers();
              long compactedRevision = numbers.compactedRevision();
              return before.revision() >= compactedRevision || !isSwept(numbers)
                  ? null
                  : stretch(db, database.generation(), before, compactedRevision);
            });
    if (stretch == null) {
      return true;
    }
    Bytes next = stretch.latest().isEmpty() ? null : stretch.latest().firstKey();
    while (next != null && !isClosed()) {
      next = deleteSuperseded(stretch, next);
    }
    if (next == null) {
      finish(stretch);
    }
    return false;
  }

  /** Tells whether history knows of all ends: those to come are after the compaction. */
  private boolean isSwept(Numbers numbers) {
    return numbers.without(sweeper.swept()).ended().isEmpty();
  }

  private static Stretch stretch(
      RocksDB db, int generation, Scrubbed before, long compactedRevision) throws RocksDBException {
    TreeMap<Bytes, Superseding> latest = new TreeMap<>();
    int changes = 0;
    int bytes = 0;
    byte[] end = KeyCodec.historyKey(compactedRevision + 1, 0);
    try (Rows history = new Rows(db, next(before), end)) {
      for (; history.isAtRow(); history.next()) {
        byte[] row = history.key();
        if (changes >= STRETCH_CHANGES_MAX || bytes >= STRETCH_BYTES_MAX) {
          return new Stretch(
              generation,
              before,
              new Scrubbed(
                  before.revision(), KeyCodec.revisionOfHistory(row), KeyCodec.partOfHistory(row)),
              latest);
        }
        long revision = KeyCodec.revisionOfHistory(row);
        byte[] value = history.value();
        for (Change change : KeyCodec.changes(value)) {
          latest.put(change.key(), new Superseding(revision, change.isPut()));
          changes++;
        }
        bytes += value.length;
      }
    }
    return new Stretch(
        generation, before, new Scrubbed(compactedRevision, compactedRevision + 1, 0), latest);
  }

  private static byte[] next(Scrubbed scrubbed) {
    return KeyCodec.historyKey(scrubbed.nextRevision(), scrubbed.nextPart());
  }

  /**
   * Deletes a batch of superseded versions, in order of keys, which is the order on disk. Doing so
   * twice is harmless.
   *
   * @return the key to go on with, null when there is none
   */
  private @Nullable Bytes deleteSuperseded(Stretch stretch, Bytes from) {
    return database.ask(
        "cannot delete compacted keys",
        db -> {
          if (database.generation() != stretch.generation()) {
            return null;
          }
          try (WriteBatch batch = new WriteBatch();
              Rows versions =
                  new Rows(
                      db,
                      KeyCodec.versionsStart(from),
                      KeyCodec.afterKind(StateCodec.KIND_VERSION))) {
            int rows = 0;
            int keys = 0;
            Bytes next = null;
            for (Map.Entry<Bytes, Superseding> change :
                stretch.latest().tailMap(from, true).entrySet()) {
              if (keys++ >= BATCH_KEYS_MAX || rows >= BATCH_ROWS_MAX) {
                next = change.getKey();
                break;
              }
              rows += deleteSuperseded(batch, versions, change.getKey(), change.getValue());
            }
            if (batch.count() > 0) {
              database.writeInBackground(batch);
            }
            return next;
          }
        });
  }

  /** Deletes the superseded versions of one key; returns how many. */
  private static int deleteSuperseded(WriteBatch batch, Rows versions, Bytes key, Superseding by)
      throws RocksDBException {
    byte[] newest = KeyCodec.versionKey(key, by.revision());
    byte[] superseded = KeyCodec.versionKey(key, by.revision() - 1);
    if (!by.isPut()) {
      batch.delete(newest);
    }
    List<byte[]> older = new ArrayList<>();
    for (versions.seek(superseded); versions.isAtRow(); versions.next()) {
      byte[] row = versions.key();
      if (!KeyCodec.isSameKey(row, newest)) {
        break;
      }
      if (older.size() >= ONE_BY_ONE_MAX) {
        batch.deleteRange(superseded, KeyCodec.versionsEnd(key));
        return older.size();
      }
      older.add(row);
    }
    for (byte[] row : older) {
      batch.delete(row);
    }
    return older.size();
  }

  /**
   * Deletes the history of a stretch whose versions are deleted, and notes that. The revision of
   * the compaction itself stays, since watchers may begin at it, until the next one.
   */
  private void finish(Stretch stretch) {
    database.use(
        "cannot delete compacted history",
        db -> {
          if (database.generation() != stretch.generation()) {
            return; // the other database knows itself how far it is
          }
          Scrubbed after = stretch.after();
          byte[] firstKept =
              after.revision() > stretch.before().revision()
                  ? KeyCodec.historyKey(after.revision(), 0)
                  : next(after);
          try (WriteBatch batch = new WriteBatch()) {
            batch.deleteRange(KeyCodec.historyKey(stretch.before().revision(), 0), firstKept);
            batch.put(KeyCodec.scrubbedKey(), KeyCodec.scrubbed(after));
            database.writeInBackground(batch);
          }
          scrubbedRevision = after.revision();
        });
  }
}
