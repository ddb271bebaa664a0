package io.leasehold.raft.storage;

import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyStore;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.StateStore;
import io.leasehold.core.state.StateStoreException;
import io.leasehold.raft.storage.StateCodec.DamagedValueException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The replicated state in RocksDB.
 *
 * <p>There is no write-ahead log: the Raft log is the log. After a crash the store is at some
 * earlier commit, and the entries after its applied index are applied again. Each commit is one
 * atomic batch that carries the applied index. One column family, so that a flush can never keep a
 * part of a batch.
 *
 * <p>Threads: one thread, the apply thread, writes and replaces; any thread may read committed
 * keys, take a checkpoint, ask for figures or close. Failures are {@link StateStoreException}s of
 * one line that names the directory or file; none of them destroys anything.
 */
public final class RocksStateStore implements StateStore, AutoCloseable {
  private final Database database;
  private final KeySweeper sweeper;
  private final RocksKeyStore keys;
  private final KeyScrubber scrubber;
  private volatile long appliedIndex;
  private volatile long appliedTerm;

  private RocksStateStore(Database database, int pieceKeys) {
    this.database = database;
    this.sweeper = new KeySweeper(database, pieceKeys);
    this.keys = new RocksKeyStore(database, sweeper);
    this.scrubber = new KeyScrubber(database, sweeper);
  }

  /**
   * Opens the state in a directory, or begins an empty one; completes a replacement that a crash
   * cut off.
   */
  public static RocksStateStore open(Path dir) {
    return open(dir, KeySweeper.PIECE_KEYS);
  }

  /**
   * As {@link #open(Path)}.
   *
   * @param pieceKeys how many keys are swept at once; tests have fewer keys than members
   */
  static RocksStateStore open(Path dir, int pieceKeys) {
    RocksStateStore store = new RocksStateStore(Database.open(dir), pieceKeys);
    try {
      store.reload();
      return store;
    } catch (StateStoreException e) {
      store.close();
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

  /** Returns the key space; what is written to it is committed with the rest. Apply thread. */
  public KeyStore keys() {
    return keys;
  }

  /** Returns the committed keys as of now, to be closed by the caller. Any thread. */
  public KeyReading openKeys() {
    return new SnapshotKeys(database.snapshot());
  }

  /**
   * Calls back with true once nothing is left on disk of what the compaction at {@code revision}
   * gave up, at once if so already; with false when the store is closed first. On the caller's
   * thread or the scrubber's, which must not be blocked. Any thread.
   */
  public void whenScrubbed(long revision, Consumer<Boolean> done) {
    scrubber.whenScrubbed(revision, done);
  }

  @Override
  public void putLease(long leaseId, long ttlMillis, long endMillis) {
    put(StateCodec.leaseKey(leaseId), StateCodec.lease(ttlMillis, endMillis));
  }

  @Override
  public void putLeaseTime(long millis) {
    put(StateCodec.leaseTimeKey(), StateCodec.leaseTime(millis));
  }

  @Override
  public long leaseTimeMillis() {
    AtomicLong millis = new AtomicLong();
    scan(StateCodec.KIND_LEASE_TIME, (key, value) -> millis.set(StateCodec.leaseTimeMillis(value)));
    return millis.get();
  }

  @Override
  public void deleteLease(long leaseId) {
    delete(StateCodec.leaseKey(leaseId));
  }

  @Override
  public void putMember(MemberRecord member) {
    put(StateCodec.memberKey(member.name()), StateCodec.member(member));
  }

  @Override
  public void putAlarm(AlarmRecord alarm) {
    put(StateCodec.alarmKey(alarm), StateCodec.alarm());
  }

  @Override
  public void deleteAlarm(AlarmRecord alarm) {
    delete(StateCodec.alarmKey(alarm));
  }

  /**
   * Makes everything written since the last commit take effect, together with the applied index,
   * which never goes back. Apply thread.
   */
  public void commit(long index, long term) {
    if (index < appliedIndex) {
      throw new IllegalArgumentException("applied index " + appliedIndex + " back to " + index);
    }
    scrubber.requireHealthy();
    keys.prepareCommit();
    put(StateCodec.appliedKey(), StateCodec.applied(index, term));
    database.commit();
    appliedTerm = term;
    appliedIndex = index;
    if (keys.committed()) {
      scrubber.wakeUp();
    }
  }

  @Override
  public void forEachLease(LeaseVisitor visitor) {
    scan(
        StateCodec.KIND_LEASE,
        (key, value) ->
            visitor.lease(
                StateCodec.leaseId(key), StateCodec.ttlMillis(value), StateCodec.endMillis(value)));
  }

  @Override
  public void forEachMember(Consumer<MemberRecord> visitor) {
    scan(StateCodec.KIND_MEMBER, (key, value) -> visitor.accept(StateCodec.member(value)));
  }

  @Override
  public void forEachAlarm(Consumer<AlarmRecord> visitor) {
    scan(StateCodec.KIND_ALARM, (key, value) -> visitor.accept(StateCodec.alarm(key)));
  }

  /**
   * Writes a copy of the state into {@code target}, which must not exist, and syncs it. The copy is
   * as of some commit between the call and the return, so it may be ahead of the index at which the
   * caller asked; it carries its own. Hard links, so that it costs the same whatever the size. Any
   * thread; commits go on meanwhile.
   */
  public void checkpoint(Path target) {
    database.checkpoint(target);
  }

  /**
   * Puts the state in {@code snapshotFiles}, which is left as it is, in the place of this one. A
   * crash on the way leaves the old state or the new one. After a failure the store is closed.
   * Readings that are open end. Apply thread.
   */
  public void replaceWith(Path snapshotFiles) {
    database.replaceWith(snapshotFiles, sweeper::forget);
    reload();
  }

  /**
   * Writes the tables anew without what was deleted. Any thread; blocks for as long as that takes,
   * or until the state is replaced or closed.
   */
  public void defragment() {
    database.defragment();
  }

  /** Returns the size of the state on disk and in memtables, in bytes. Any thread. */
  public long sizeBytes() {
    Map<String, Long> figures = database.figures();
    return figures.getOrDefault("sst_bytes", 0L) + figures.getOrDefault("memtable_bytes", 0L);
  }

  /** Returns figures for metrics, by name. Any thread; empty when closed. */
  public Map<String, Long> figures() {
    Map<String, Long> figures = database.figures();
    if (!figures.isEmpty()) {
      figures.put("scrubbed_revision", scrubber.scrubbedRevision());
      figures.put("swept_keys", sweeper.sweptKeys());
      figures.put("unswept_leases", sweeper.unsweptLeases());
    }
    return figures;
  }

  /**
   * Closes the store. What RocksDB does not manage to flush is in the Raft log, so nothing is lost
   * either way.
   */
  @Override
  public void close() {
    scrubber.close();
    database.close();
  }

  private void put(byte[] key, byte[] value) {
    database.batch().put(key, value);
  }

  private void delete(byte[] key) {
    database.batch().delete(key);
  }

  private interface Visitor {
    void entry(byte[] key, byte[] value);
  }

  private void scan(byte kind, Visitor visitor) {
    database.use(
        "the state is damaged",
        db -> {
          try (ReadOptions reads = RocksSettings.scan();
              RocksIterator iterator = db.newIterator(reads)) {
            for (iterator.seek(new byte[] {kind}); iterator.isValid(); iterator.next()) {
              byte[] key = iterator.key();
              if (key[0] != kind) {
                break;
              }
              visitor.entry(key, iterator.value());
            }
            iterator.status();
          }
        });
  }

  /** Reads anew what is kept in memory of it. */
  private void reload() {
    database.use(
        "cannot open the state",
        db -> {
          byte[] value = db.get(StateCodec.appliedKey());
          long index = value == null ? 0 : StateCodec.appliedIndex(value);
          long term = value == null ? 0 : StateCodec.appliedTerm(value);
          if (value == null && !isEmpty(db)) {
            throw new DamagedValueException("records without an applied index");
          }
          appliedTerm = term;
          appliedIndex = index;
        });
    keys.reload();
    scrubber.reload();
  }

  private static boolean isEmpty(RocksDB db) throws RocksDBException {
    try (RocksIterator iterator = db.newIterator()) {
      iterator.seekToFirst();
      iterator.status();
      return !iterator.isValid();
    }
  }
}
