package io.leasehold.raft.storage;

import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.StateStore;
import io.leasehold.core.state.StateStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * The replicated state in RocksDB.
 *
 * <p>There is no write-ahead log: the Raft log is the log. After a crash the store is at some
 * earlier commit, and the entries after its applied index are applied again. Each commit is one
 * atomic batch that carries the applied index. One column family, so that a flush can never keep a
 * part of a batch.
 *
 * <p>Threads: one thread, the apply thread, writes and replaces; any thread may take a checkpoint,
 * ask for figures or close. Failures are {@link StateStoreException}s of one line that names the
 * directory or file; none of them destroys anything.
 */
public final class RocksStateStore implements StateStore, AutoCloseable {
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
          "block_cache_bytes", "rocksdb.block-cache-usage");

  private final Path dir;
  private final RocksSettings settings;
  private final WriteBatch batch = new WriteBatch();

  /**
   * Guards {@link #db} against being closed under somebody's hands: a closed database crashes the
   * process. Users share it; closing and replacing exclude them.
   */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private @Nullable RocksDB db;
  private volatile @Nullable Thread writer;
  private volatile long appliedIndex;
  private volatile long appliedTerm;

  private RocksStateStore(Path dir, RocksSettings settings, RocksDB db) {
    this.dir = dir;
    this.settings = settings;
    this.db = db;
  }

  /**
   * Opens the state in a directory, or begins an empty one; completes a replacement that a crash
   * cut off.
   */
  public static RocksStateStore open(Path dir) {
    try {
      RocksDB.loadLibrary();
    } catch (RuntimeException | UnsatisfiedLinkError e) {
      throw failure(dir, "RocksDB's library cannot be loaded, see java.io.tmpdir", e);
    }
    RocksSettings settings = new RocksSettings();
    RocksStateStore store = null;
    try {
      StateFiles.completeReplacement(dir);
      Files.createDirectories(dir);
      store = new RocksStateStore(dir, settings, openDatabase(dir, settings));
      store.readApplied();
      return store;
    } catch (RocksDBException | IOException e) {
      closeAfterFailure(store, settings);
      throw failure(dir, "cannot open the state", e);
    } catch (StateStoreException e) {
      closeAfterFailure(store, settings);
      throw e;
    }
  }

  /** Returns the index of the last entry whose effects are in the store; 0 for none. Any thread. */
  public long appliedIndex() {
    return appliedIndex;
  }

  /** Returns the term of that entry. Any thread. */
  public long appliedTerm() {
    return appliedTerm;
  }

  @Override
  public void putLease(long leaseId, long ttlMillis, long remainingMillis) {
    put(StateCodec.leaseKey(leaseId), StateCodec.lease(ttlMillis, remainingMillis));
  }

  @Override
  public void deleteLease(long leaseId) {
    requireWriter();
    use.readLock().lock();
    try {
      requireOpen();
      batch.delete(StateCodec.leaseKey(leaseId));
    } catch (RocksDBException e) {
      throw failure(dir, "cannot delete a lease", e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void putMember(MemberRecord member) {
    put(StateCodec.memberKey(member.name()), StateCodec.member(member));
  }

  /**
   * Makes everything written since the last commit take effect, together with the applied index,
   * which never goes back. Apply thread.
   */
  public void commit(long index, long term) {
    requireWriter();
    if (index < appliedIndex) {
      throw new IllegalArgumentException("applied index " + appliedIndex + " back to " + index);
    }
    use.readLock().lock();
    try {
      RocksDB current = requireOpen();
      batch.put(StateCodec.appliedKey(), StateCodec.applied(index, term));
      current.write(settings.writes(), batch);
      batch.clear();
      appliedTerm = term;
      appliedIndex = index;
    } catch (RocksDBException e) {
      throw failure(dir, "cannot write the state", e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void forEachLease(LeaseVisitor visitor) {
    scan(
        StateCodec.KIND_LEASE,
        (key, value) ->
            visitor.lease(
                StateCodec.leaseId(key),
                StateCodec.ttlMillis(value),
                StateCodec.remainingMillis(value)));
  }

  @Override
  public void forEachMember(Consumer<MemberRecord> visitor) {
    scan(StateCodec.KIND_MEMBER, (key, value) -> visitor.accept(StateCodec.member(value)));
  }

  /**
   * Writes a copy of the state into {@code target}, which must not exist, and syncs it. The copy is
   * as of some commit between the call and the return, so it may be ahead of the index at which the
   * caller asked; it carries its own. Hard links, so that it costs the same whatever the size. Any
   * thread; commits go on meanwhile.
   */
  public void checkpoint(Path target) {
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
   * Puts the state in {@code snapshotFiles}, which is left as it is, in the place of this one. A
   * crash on the way leaves the old state or the new one. After a failure the store is closed.
   * Apply thread.
   */
  public void replaceWith(Path snapshotFiles) {
    requireWriter();
    try {
      // Before the lock: this reads the whole snapshot, and readers of figures need not wait for
      // it.
      StateFiles.prepareReplacement(dir, snapshotFiles);
      verify(StateFiles.incoming(dir));
    } catch (RocksDBException | IOException e) {
      throw failure(dir, "cannot put the snapshot " + snapshotFiles + " in place", e);
    }
    use.writeLock().lock();
    try {
      RocksDB current = requireOpen();
      batch.clear();
      db = null;
      current.close();
      StateFiles.replace(dir);
      db = openDatabase(dir, settings);
      readApplied();
    } catch (RocksDBException | IOException e) {
      throw failure(dir, "cannot put the snapshot " + snapshotFiles + " in place", e);
    } finally {
      use.writeLock().unlock();
    }
  }

  /** Returns the size of the state on disk and in memtables, in bytes. Any thread. */
  public long sizeBytes() {
    Map<String, Long> figures = figures();
    return figures.getOrDefault("sst_bytes", 0L) + figures.getOrDefault("memtable_bytes", 0L);
  }

  /** Returns figures for metrics, by name. Any thread; empty when closed. */
  public Map<String, Long> figures() {
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
   * Closes the store. What RocksDB does not manage to flush is in the Raft log, so nothing is lost
   * either way.
   */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      RocksDB current = db;
      db = null;
      if (current != null) {
        current.close();
      }
      // Each of these may be closed twice.
      batch.close();
      settings.close();
    } finally {
      use.writeLock().unlock();
    }
  }

  private void put(byte[] key, byte[] value) {
    requireWriter();
    use.readLock().lock();
    try {
      requireOpen();
      batch.put(key, value);
    } catch (RocksDBException e) {
      throw failure(dir, "cannot write the state", e);
    } finally {
      use.readLock().unlock();
    }
  }

  private interface Visitor {
    void entry(byte[] key, byte[] value);
  }

  private void scan(byte kind, Visitor visitor) {
    use.readLock().lock();
    try (ReadOptions reads = RocksSettings.scan();
        RocksIterator iterator = requireOpen().newIterator(reads)) {
      for (iterator.seek(new byte[] {kind}); iterator.isValid(); iterator.next()) {
        byte[] key = iterator.key();
        if (key[0] != kind) {
          break;
        }
        visitor.entry(key, iterator.value());
      }
      iterator.status();
    } catch (RocksDBException | StateCodec.DamagedValueException e) {
      throw failure(dir, "the state is damaged", e);
    } finally {
      use.readLock().unlock();
    }
  }

  private void readApplied() throws RocksDBException {
    byte[] value = requireOpen().get(StateCodec.appliedKey());
    try {
      long index = value == null ? 0 : StateCodec.appliedIndex(value);
      long term = value == null ? 0 : StateCodec.appliedTerm(value);
      if (value == null && !isEmpty(requireOpen())) {
        throw new StateCodec.DamagedValueException("records without an applied index");
      }
      appliedTerm = term;
      appliedIndex = index;
    } catch (StateCodec.DamagedValueException e) {
      throw failure(dir, "the state is damaged", e);
    }
  }

  private static boolean isEmpty(RocksDB db) throws RocksDBException {
    try (RocksIterator iterator = db.newIterator()) {
      iterator.seekToFirst();
      iterator.status();
      return !iterator.isValid();
    }
  }

  /** A database that is not there is begun, but never where table files show that one was. */
  private static RocksDB openDatabase(Path dir, RocksSettings settings)
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

  private static void closeAfterFailure(@Nullable RocksStateStore store, RocksSettings settings) {
    if (store != null) {
      store.close();
    }
    settings.close();
  }

  private static StateStoreException failure(Path path, String what, Throwable cause) {
    String reason = String.valueOf(cause.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    return new StateStoreException(path + ": " + what + ": " + reason, cause);
  }
}
