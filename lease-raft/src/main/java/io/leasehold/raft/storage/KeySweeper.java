package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.raft.storage.KeyCodec.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Writes what the end of a lease with many keys left unwritten: for each key its deletion at the
 * revision of the end, the part in history, and that it is attached no more. When all of it is
 * there, the rows are as if they had been written with the end.
 *
 * <p>In small pieces, in order of keys, each between two commits: whether a key was put anew since
 * must not change between the look and the deletion. History tells how far this has come, so that
 * it goes on there after a restart, and in a state that was put in place of this one.
 *
 * <p>Any thread: in the background mostly, and on the apply thread for a lease whose ID is taken
 * again.
 */
final class KeySweeper {
  /** Keys of one piece: a millisecond or two, for which a commit may have to wait. */
  static final int PIECE_KEYS = KeyCodec.CHANGES_PER_ROW_MAX / 4;

  /** As many attachments are deleted one by one, see {@link RocksKeyStore}. */
  private static final int DETACHED_ONE_BY_ONE_MAX = 4 * PIECE_KEYS;

  private final Database database;
  private final StoredKeys stored;

  /** Those that the numbers of the key space may still name. */
  private final Set<EndedLease> swept = ConcurrentHashMap.newKeySet();

  /** For figures alone: the work itself looks at the numbers on disk. */
  private volatile List<EndedLease> named = List.of();

  private final AtomicLong sweptKeys = new AtomicLong();

  /** Where to go on; used between commits only. */
  private @Nullable Progress progress;

  KeySweeper(Database database) {
    this.database = database;
    this.stored = new StoredKeys(database);
  }

  /**
   * How far the work on one lease has come.
   *
   * @param generation of the database
   * @param part of history to be written next
   * @param last key that was swept, null for none
   */
  private record Progress(EndedLease lease, int generation, int part, @Nullable Bytes last) {}

  /** There is a database, or another one, whose numbers name these. Apply thread. */
  void reload(List<EndedLease> leases) {
    swept.clear();
    named = leases;
  }

  /** Returns which leases are swept, to be named no longer. Any thread. */
  Set<EndedLease> swept() {
    return swept;
  }

  /** The numbers that were committed name these and no others. Apply thread. */
  void committed(List<EndedLease> leases) {
    if (!leases.equals(named)) {
      swept.retainAll(Set.copyOf(leases));
      named = leases;
    }
  }

  /** Returns how many keys were swept since the start. Any thread. */
  long sweptKeys() {
    return sweptKeys.get();
  }

  /** Returns how many leases wait to be swept. Any thread. */
  long unsweptLeases() {
    return named.stream().filter(lease -> !swept.contains(lease)).count();
  }

  /** Sweeps a piece of the lease whose end is the oldest; false when there is none. Any thread. */
  boolean sweepPiece() {
    boolean[] isSwept = {false};
    database.changeBetweenCommits(
        (db, rows, generation) -> {
          List<EndedLease> open = stored.numbers().without(swept).ended();
          if (!open.isEmpty()) {
            sweepPiece(db, rows, generation, open.get(0));
            isSwept[0] = true;
          }
        });
    return isSwept[0];
  }

  /** Sweeps all that is left of a lease that the committed numbers name. Apply thread. */
  void sweep(EndedLease lease) {
    while (!swept.contains(lease)) {
      database.changeBetweenCommits(
          (db, rows, generation) -> {
            if (!swept.contains(lease)) {
              sweepPiece(db, rows, generation, lease);
            }
          });
    }
  }

  /** Between commits, since one of them may give the lease's ID to another. */
  private void sweepPiece(RocksDB db, RowBatch rows, int generation, EndedLease lease)
      throws RocksDBException {
    Progress now = progress;
    if (now == null || !now.lease().equals(lease) || now.generation() != generation) {
      now = progressInHistory(db, lease, generation);
    }
    List<Bytes> keys = attachedAfter(db, lease.leaseId(), now.last());
    if (keys.isEmpty()) {
      detachAll(db, rows, lease.leaseId(), now.part());
      progress = null;
      swept.add(lease);
      return;
    }
    delete(db, rows, lease, keys, now.part());
    sweptKeys.addAndGet(keys.size());
    progress = new Progress(lease, generation, now.part() + 1, keys.get(keys.size() - 1));
  }

  private static Progress progressInHistory(RocksDB db, EndedLease lease, int generation)
      throws RocksDBException {
    int part = 0;
    Bytes last = null;
    try (Rows history =
        new Rows(
            db,
            KeyCodec.historyKey(lease.revision(), 0),
            KeyCodec.historyKey(lease.revision() + 1, 0))) {
      for (; history.isAtRow(); history.next()) {
        List<Change> changes = KeyCodec.changes(history.value());
        last = changes.get(changes.size() - 1).key();
        part = KeyCodec.partOfHistory(history.key()) + 1;
      }
    }
    return new Progress(lease, generation, part, last);
  }

  private static List<Bytes> attachedAfter(RocksDB db, long leaseId, @Nullable Bytes last)
      throws RocksDBException {
    byte[] from = KeyCodec.attachedStart(leaseId);
    if (last != null) {
      byte[] row = KeyCodec.attachedKey(leaseId, last);
      from = Arrays.copyOf(row, row.length + 1); // the least key after it
    }
    List<Bytes> keys = new ArrayList<>(PIECE_KEYS);
    try (Rows rows = new Rows(db, from, KeyCodec.attachedEnd(leaseId))) {
      for (; rows.isAtRow() && keys.size() < PIECE_KEYS; rows.next()) {
        keys.add(Bytes.wrap(rows.keyFrom(KeyCodec.ATTACHED_PREFIX_BYTES)));
      }
    }
    return keys;
  }

  /** Kind by kind, as {@link RocksKeyStore#write} does. */
  private static void delete(
      RocksDB db, RowBatch rows, EndedLease lease, List<Bytes> keys, int part)
      throws RocksDBException {
    List<EndedLease> by = List.of(lease);
    byte[] record = new byte[KeyCodec.RECORD_BYTES];
    List<KeyEvent> events = new ArrayList<>(keys.size());
    for (Bytes key : keys) {
      byte[] current = KeyCodec.currentKey(key);
      // Values may be large, and are not looked at.
      boolean isThere = db.get(current, record) != RocksDB.NOT_FOUND;
      if (isThere
          && EndedLease.took(
              by, KeyCodec.leaseId(record), KeyCodec.modRevision(record), lease.revision())) {
        rows.delete(current);
      }
      events.add(new KeyEvent.Deleted(key, lease.revision()));
    }
    for (Bytes key : keys) {
      rows.put(KeyCodec.versionKey(key, lease.revision()), KeyCodec.deletion());
    }
    rows.put(KeyCodec.historyKey(lease.revision(), part), KeyCodec.history(events));
  }

  private static void detachAll(RocksDB db, RowBatch rows, long leaseId, int parts)
      throws RocksDBException {
    if (parts * PIECE_KEYS > DETACHED_ONE_BY_ONE_MAX) {
      rows.deleteRange(KeyCodec.attachedStart(leaseId), KeyCodec.attachedEnd(leaseId));
      return;
    }
    try (Rows attached =
        new Rows(db, KeyCodec.attachedStart(leaseId), KeyCodec.attachedEnd(leaseId))) {
      for (; attached.isAtRow(); attached.next()) {
        rows.delete(attached.key());
      }
    }
  }
}
