package io.leasehold.raft.storage;

import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.StateStore;
import io.leasehold.core.state.StateStoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Checkpoint;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The replicated state in RocksDB.
 *
 * <p>The write-ahead log is off, since the Raft log is the log: after a crash the store is at some
 * earlier commit, and the entries after its applied index are applied again. Each commit is one
 * atomic batch that carries the applied index. One column family, so that a flush can never keep a
 * part of a batch.
 *
 * <p>Threads: the apply thread writes and replaces; any thread may take a checkpoint or ask for
 * figures. Failures are {@link StateStoreException}s whose message names the directory.
 */
public final class RocksStateStore implements StateStore, AutoCloseable {
  private static final long MEMTABLE_BYTES = 16L << 20;
  private static final int MEMTABLES_MAX = 3;
  private static final long BLOCK_CACHE_BYTES = 16L << 20;
  private static final int INFO_LOGS_MAX = 3;

  /** Beside the state while a snapshot takes its place. */
  private static final String INCOMING_SUFFIX = ".incoming";

  private static final String OUTGOING_SUFFIX = ".outgoing";

  /** The figures worth watching, by RocksDB's property and by ours. */
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

  static {
    RocksDB.loadLibrary();
  }

  private final Path dir;
  private final LRUCache blockCache = new LRUCache(BLOCK_CACHE_BYTES);
  private final Options options;
  private final WriteOptions writeOptions = new WriteOptions().setDisableWAL(true);
  private final WriteBatch batch = new WriteBatch();
  private RocksDB db;
  private boolean open;
  private volatile long appliedIndex;
  private volatile long appliedTerm;

  private RocksStateStore(Path dir) throws RocksDBException {
    this.dir = dir;
    this.options =
        new Options()
            .setCreateIfMissing(true)
            .setParanoidChecks(true)
            .setWriteBufferSize(MEMTABLE_BYTES)
            .setMaxWriteBufferNumber(MEMTABLES_MAX)
            .setKeepLogFileNum(INFO_LOGS_MAX)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(blockCache));
    this.db = RocksDB.open(options, dir.toString());
    this.open = true;
  }

  /**
   * Opens the state in a directory, or begins an empty one; completes a replacement that a crash
   * cut off.
   */
  public static RocksStateStore open(Path dir) {
    try {
      completeReplacement(dir);
      Files.createDirectories(dir);
      RocksStateStore store = new RocksStateStore(dir);
      store.readApplied();
      return store;
    } catch (RocksDBException | IOException e) {
      throw failure(dir, "cannot open the state", e);
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
    try {
      batch.delete(StateCodec.leaseKey(leaseId));
    } catch (RocksDBException e) {
      throw failure(dir, "cannot delete a lease", e);
    }
  }

  @Override
  public void putMember(MemberRecord member) {
    put(StateCodec.memberKey(member.name()), StateCodec.member(member));
  }

  /**
   * Makes everything written since the last commit take effect, together with the applied index.
   * Apply thread.
   */
  public void commit(long index, long term) {
    try {
      batch.put(StateCodec.appliedKey(), StateCodec.applied(index, term));
      db.write(writeOptions, batch);
      batch.clear();
      appliedTerm = term;
      appliedIndex = index;
    } catch (RocksDBException e) {
      throw failure(dir, "cannot write the state", e);
    }
  }

  @Override
  public void forEachLease(LeaseVisitor visitor) {
    scan(
        StateCodec.KIND_LEASE,
        (key, value) -> {
          long[] pair = StateCodec.pair(value);
          visitor.lease(StateCodec.leaseId(key), pair[0], pair[1]);
        });
  }

  @Override
  public void forEachMember(Consumer<MemberRecord> visitor) {
    scan(StateCodec.KIND_MEMBER, (key, value) -> visitor.accept(StateCodec.member(value)));
  }

  /**
   * Writes a copy of the state as of some moment during the call into {@code target}, which must
   * not exist, and syncs it. Hard links, so that it costs the same whatever the size. Any thread;
   * writes go on meanwhile.
   */
  public synchronized void checkpoint(Path target) {
    requireOpen();
    try (Checkpoint checkpoint = Checkpoint.create(db)) {
      checkpoint.createCheckpoint(target.toString());
      try (Stream<Path> files = Files.list(target)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          sync(file);
        }
      }
      sync(target);
    } catch (RocksDBException | IOException e) {
      throw failure(target, "cannot write a snapshot of the state", e);
    }
  }

  /**
   * Puts the state in {@code snapshotFiles}, which is left as it is, in the place of this one.
   * Apply thread.
   */
  public synchronized void replaceWith(Path snapshotFiles) {
    Path incoming = sibling(dir, INCOMING_SUFFIX);
    try {
      deleteTree(incoming);
      Files.createDirectories(incoming);
      try (Stream<Path> files = Files.list(snapshotFiles)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Path copy = incoming.resolve(file.getFileName());
          linkOrCopy(file, copy);
        }
      }
      sync(incoming);
      batch.clear();
      db.close();
      open = false;
      Files.move(dir, sibling(dir, OUTGOING_SUFFIX), StandardCopyOption.ATOMIC_MOVE);
      Files.move(incoming, dir, StandardCopyOption.ATOMIC_MOVE);
      sync(dir.getParent());
      deleteTree(sibling(dir, OUTGOING_SUFFIX));
      db = RocksDB.open(options, dir.toString());
      open = true;
      readApplied();
    } catch (RocksDBException | IOException e) {
      throw failure(dir, "cannot put the snapshot in place", e);
    }
  }

  /** Returns the size of the state on disk and in memtables, in bytes. Any thread. */
  public long sizeBytes() {
    Map<String, Long> figures = figures();
    return figures.getOrDefault("sst_bytes", 0L) + figures.getOrDefault("memtable_bytes", 0L);
  }

  /** Returns figures for metrics, by name. Any thread; empty when closed. */
  public synchronized Map<String, Long> figures() {
    Map<String, Long> figures = new TreeMap<>();
    if (open) {
      FIGURES.forEach(
          (name, property) -> {
            try {
              figures.put(name, db.getLongProperty(property));
            } catch (RocksDBException e) {
              throw failure(dir, "cannot read " + property, e);
            }
          });
    }
    return figures;
  }

  @Override
  public synchronized void close() {
    if (open) {
      open = false;
      batch.close();
      db.close();
      writeOptions.close();
      options.close();
      blockCache.close();
    }
  }

  private void put(byte[] key, byte[] value) {
    try {
      batch.put(key, value);
    } catch (RocksDBException e) {
      throw failure(dir, "cannot write the state", e);
    }
  }

  private interface Visitor {
    void entry(byte[] key, byte[] value);
  }

  private void scan(byte kind, Visitor visitor) {
    try (ReadOptions readOptions = new ReadOptions().setVerifyChecksums(true).setFillCache(false);
        RocksIterator iterator = db.newIterator(readOptions)) {
      iterator.seek(new byte[] {kind});
      while (iterator.isValid() && iterator.key()[0] == kind) {
        visitor.entry(iterator.key(), iterator.value());
        iterator.next();
      }
      iterator.status();
    } catch (RocksDBException | IllegalArgumentException e) {
      throw failure(dir, "the state is damaged", e);
    }
  }

  private void readApplied() throws RocksDBException {
    byte[] value = db.get(StateCodec.appliedKey());
    if (value == null) {
      appliedIndex = 0;
      appliedTerm = 0;
      return;
    }
    try {
      long[] pair = StateCodec.pair(value);
      appliedTerm = pair[1];
      appliedIndex = pair[0];
    } catch (IllegalArgumentException e) {
      throw failure(dir, "the state is damaged", e);
    }
  }

  private void requireOpen() {
    if (!open) {
      throw new StateStoreException(dir + ": the state is closed", null);
    }
  }

  /**
   * A crash during {@link #replaceWith} leaves the old state, the new one, or, between two renames,
   * none under its name.
   */
  private static void completeReplacement(Path dir) throws IOException {
    Path outgoing = sibling(dir, OUTGOING_SUFFIX);
    if (!Files.exists(dir) && Files.exists(outgoing)) {
      // The new state was complete before the old one was moved, but the old one is as good: its
      // log is still there.
      Files.move(outgoing, dir, StandardCopyOption.ATOMIC_MOVE);
    }
    deleteTree(outgoing);
    deleteTree(sibling(dir, INCOMING_SUFFIX));
  }

  private static Path sibling(Path dir, String suffix) {
    return dir.resolveSibling(dir.getFileName() + suffix);
  }

  /** Table files never change, so a link will do; the others are small and are written to. */
  private static void linkOrCopy(Path file, Path copy) throws IOException {
    if (file.getFileName().toString().endsWith(".sst")) {
      try {
        Files.createLink(copy, file);
        return;
      } catch (IOException | UnsupportedOperationException e) {
        // Another file system, or one without links.
      }
    }
    Files.copy(file, copy);
    sync(copy);
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted((a, b) -> b.getNameCount() - a.getNameCount()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  private static StateStoreException failure(Path path, String what, Exception cause) {
    return new StateStoreException(path + ": " + what + ": " + cause.getMessage(), cause);
  }
}
