package io.leasehold.raft.storage;

import io.leasehold.core.state.StateStoreException;
import io.leasehold.raft.storage.StateCodec.DamagedValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The state's RocksDB and the batch that is written to it at the next commit.
 *
 * <p>Threads: the apply thread fills and commits the batch and replaces the database; any thread
 * reads, takes snapshots and checkpoints, or closes. A closed RocksDB crashes the process of
 * whoever still uses it: users share a lock that closing and replacing take alone.
 */
final class Database implements Reads, AutoCloseable {
  /** The figures worth watching, by our name and RocksDB's property. */
  private static final Map<String, String> FIGURES =
      Map.of(
          "memtable_bytes", "rocksdb.cur-size-all-mem-tables",
          "sst_bytes", "rocksdb.total-sst-files-size",
          "live_data_bytes", "rocksdb.estimate-live-data-size",
          "keys_estimate", "rocksdb.estimate-num-keys",
          "pending_compaction_bytes", "rocksdb.estimate-pending-compaction-bytes",
          "running_compactions", "rocksdb.num-running-compactions",
          "running_flushes", "rocksdb.num-running-flushes",
          "background_errors", "rocksdb.background-errors",
          "block_cache_bytes", "rocksdb.block-cache-usage",
          "open_snapshots", "rocksdb.num-snapshots");

  /** How often a defragmentation in the way is told to end, should it just have begun. */
  private static final long LOCK_MILLIS = 20;

  private final Path dir;
  private final RocksSettings settings;
  private final RowBatch batch = new RowBatch();

  /** Held while something is committed, or read and changed between two commits. */
  private final Object commits = new Object();

  /* Guarded by that. */

  private final RowBatch betweenCommits = new RowBatch();

  /** Counts databases. Changes only while nobody uses one, so it is read while using one. */
  private int generation;

  private final ReadOptions newest = new ReadOptions();
  private final Set<DatabaseSnapshot> snapshots = ConcurrentHashMap.newKeySet();
  private final ReadWriteLock use = new ReentrantReadWriteLock();
  private volatile @Nullable Defragmentation defragmentation;
  private @Nullable RocksDB db;
  private volatile @Nullable Thread writer;

  private Database(Path dir, RocksSettings settings, RocksDB db) {
    this.dir = dir;
    this.settings = settings;
    this.db = db;
  }

  /** What is to be done with the database while it stays open. */
  interface Action {
    void on(RocksDB db) throws RocksDBException;
  }

  /** What is to be found out while it stays open. */
  interface Question<T> {
    @Nullable T on(RocksDB db) throws RocksDBException;
  }

  /**
   * Opens the database in a directory, or begins an empty one; completes a replacement that a crash
   * cut off.
   */
  static Database open(Path dir) {
    try {
      RocksLibrary.load();
    } catch (RuntimeException | IOException | UnsatisfiedLinkError e) {
      throw failure(dir, "RocksDB's library cannot be loaded, see java.io.tmpdir", e);
    }
    RocksSettings settings = new RocksSettings();
    try {
      StateFiles.completeReplacement(dir);
      Files.createDirectories(dir);
      return new Database(dir, settings, open(dir, settings));
    } catch (RocksDBException | IOException e) {
      settings.close();
      throw failure(dir, "cannot open the state", e);
    }
  }

  /** Does something with the database; a failure is told as that of {@code what}. Any thread. */
  void use(String what, Action action) {
    Object unused =
        ask(
            what,
            current -> {
              action.on(current);
              return null;
            });
  }

  /** Finds something out; a failure is told as that of {@code what}. Any thread. */
  <T> @Nullable T ask(String what, Question<T> question) {
    use.readLock().lock();
    try {
      return question.on(requireOpen());
    } catch (RocksDBException e) {
      throw failure(dir, what, e);
    } catch (DamagedValueException e) {
      throw failure(dir, "the state is damaged", e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public <T> @Nullable T find(Finding<T> finding) {
    return ask("cannot read the state", current -> finding.of(current, newest));
  }

  /** Returns what the next commit writes, to be added to. Apply thread. */
  RowBatch batch() {
    requireWriter();
    use.readLock().lock();
    try {
      requireOpen();
      return batch;
    } finally {
      use.readLock().unlock();
    }
  }

  /** Makes the batch take effect, all or nothing. Apply thread. */
  void commit() {
    requireWriter();
    synchronized (commits) {
      use("cannot write the state", current -> write(current, batch));
    }
  }

  private void write(RocksDB current, RowBatch rows) throws RocksDBException {
    try (WriteBatch all = rows.toWriteBatch()) {
      current.write(settings.writes(), all);
    }
    rows.clear();
  }

  /** Returns which database this is of those that came one after the other here; for its users. */
  int generation() {
    return generation;
  }

  /** What is to be read, and then written, while nothing else is committed. */
  interface Change {
    /** Adds rows to a batch of its own, which is then written. */
    void on(RocksDB db, RowBatch rows) throws RocksDBException;

    /** The rows are written, and nothing was committed since. */
    void written();
  }

  /** Changes what depends on what is committed, between two commits, which wait. Any thread. */
  void changeBetweenCommits(Change change) {
    synchronized (commits) {
      use(
          "cannot change the state",
          current -> {
            betweenCommits.clear();
            change.on(current, betweenCommits);
            if (!betweenCommits.isEmpty()) {
              write(current, betweenCommits);
            }
            change.written();
          });
    }
  }

  /** Writes at once and apart from the batch. Any thread. */
  void writeInBackground(WriteBatch changes) {
    use("cannot write the state", current -> current.write(settings.backgroundWrites(), changes));
  }

  /** Returns the database as of now, to be read until it is closed. Any thread. */
  DatabaseSnapshot snapshot() {
    use.readLock().lock();
    try {
      DatabaseSnapshot snapshot = new DatabaseSnapshot(this, requireOpen());
      snapshots.add(snapshot);
      return snapshot;
    } finally {
      use.readLock().unlock();
    }
  }

  /** Lets go of a snapshot, unless its database is gone. */
  void release(DatabaseSnapshot snapshot) {
    use.readLock().lock();
    try {
      RocksDB current = db;
      if (current != null && snapshots.remove(snapshot)) {
        snapshot.release(current);
      }
    } finally {
      use.readLock().unlock();
    }
  }

  /**
   * Writes a copy of the database into {@code target}, which must not exist, and syncs it. Any
   * thread; commits go on meanwhile.
   */
  void checkpoint(Path target) {
    use.readLock().lock();
    try (Checkpoint checkpoint = Checkpoint.create(requireOpen())) {
      checkpoint.createCheckpoint(target.toString());
      StateFiles.syncTree(target);
    } catch (RocksDBException | IOException e) {
      throw failure(target, "cannot write a snapshot of the state", e);
    } finally {
      use.readLock().unlock();
    }
  }

  /**
   * Puts the database in {@code files}, which is left as it is, in the place of this one, and
   * forgets the batch. A crash on the way leaves the old or the new. After a failure there is none.
   * Apply thread.
   *
   * @param replaced runs before anybody sees the new one
   */
  void replaceWith(Path files, Runnable replaced) {
    requireWriter();
    try {
      // Before the lock: this reads everything, and readers of figures need not wait for it.
      StateFiles.prepareReplacement(dir, files);
      verify(StateFiles.incoming(dir));
    } catch (RocksDBException | IOException e) {
      throw failure(dir, "cannot put the snapshot " + files + " in place", e);
    }
    synchronized (commits) {
      lockAlone();
      try {
        RocksDB current = requireOpen();
        batch.clear();
        closeDatabase(current);
        StateFiles.replace(dir);
        db = open(dir, settings);
        generation++;
        replaced.run();
      } catch (RocksDBException | IOException e) {
        throw failure(dir, "cannot put the snapshot " + files + " in place", e);
      } finally {
        use.writeLock().unlock();
      }
    }
  }

  /**
   * Writes all tables anew without what was deleted. Any thread; one at a time. Ends early when
   * something waits to close or replace the database.
   */
  synchronized void defragment() {
    use(
        "cannot defragment the state",
        current -> {
          try (Defragmentation running = new Defragmentation()) {
            defragmentation = running;
            running.run(current);
          } finally {
            defragmentation = null;
          }
        });
  }

  /** Takes the lock alone, for which what may take minutes has to end. */
  private void lockAlone() {
    boolean isInterrupted = false;
    for (; ; ) {
      Defragmentation running = defragmentation;
      if (running != null) {
        running.cancel();
      }
      try {
        if (use.writeLock().tryLock(LOCK_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns figures for metrics, by name. Any thread; empty when closed. */
  Map<String, Long> figures() {
    Map<String, Long> figures = new TreeMap<>();
    use.readLock().lock();
    try {
      RocksDB current = db;
      if (current != null) {
        for (Map.Entry<String, String> figure : FIGURES.entrySet()) {
          figures.put(figure.getKey(), current.getLongProperty(figure.getValue()));
        }
      }
    } catch (RocksDBException e) {
      throw failure(dir, "cannot read figures of the state", e);
    } finally {
      use.readLock().unlock();
    }
    return figures;
  }

  /**
   * Closes the database. What RocksDB does not manage to flush is in the Raft log, so nothing is
   * lost either way.
   */
  @Override
  public void close() {
    lockAlone();
    try {
      RocksDB current = db;
      if (current != null) {
        closeDatabase(current);
      }
      // Both may be closed twice.
      newest.close();
      settings.close();
    } finally {
      use.writeLock().unlock();
    }
  }

  /** Its snapshots go with it, since their owners come too late for them. */
  private void closeDatabase(RocksDB current) {
    db = null;
    for (DatabaseSnapshot snapshot : snapshots) {
      snapshot.release(current);
    }
    snapshots.clear();
    current.close();
  }

  /** A database that is not there is begun, but never where table files show that one was. */
  private static RocksDB open(Path dir, RocksSettings settings)
      throws RocksDBException, IOException {
    settings.createIfMissing(!StateFiles.holdsTables(dir));
    return RocksDB.open(settings.options(), dir.toString());
  }

  /** Reads everything once, so that a damaged snapshot is found while the old state is there. */
  private static void verify(Path files) throws RocksDBException, IOException {
    try (RocksSettings settings = new RocksSettings().createIfMissing(false);
        RocksDB candidate = RocksDB.openReadOnly(settings.options(), files.toString())) {
      candidate.verifyChecksum();
    }
  }

  private void requireWriter() {
    Thread current = Thread.currentThread();
    Thread known = writer;
    if (known == null) {
      writer = current;
    } else if (!known.equals(current)) {
      throw new IllegalStateException(
          dir + ": written by " + known.getName() + " and by " + current.getName());
    }
  }

  private RocksDB requireOpen() {
    RocksDB current = db;
    if (current == null) {
      throw new StateStoreException(dir + ": the state is closed");
    }
    return current;
  }

  /** Returns the failure of something, in one line. */
  StateStoreException failure(String what, Throwable cause) {
    return failure(dir, what, cause);
  }

  private static StateStoreException failure(Path path, String what, Throwable cause) {
    String reason = String.valueOf(cause.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    return new StateStoreException(path + ": " + what + ": " + reason, cause);
  }

  @Override
  public String toString() {
    return dir.toString();
  }
}
