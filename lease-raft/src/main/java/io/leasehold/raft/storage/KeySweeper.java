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

  /** Bytes of the values of such keys, unless one has more. */
  private static final int PIECE_BYTES_MAX = 1 << 20;

  private final Database database;
  private final StoredKeys stored;
  private final int pieceKeys;

  /** Those that the numbers of the key space may still name. */
  private final Set<EndedLease> swept = ConcurrentHashMap.newKeySet();

  /** For figures alone: the work itself looks at the numbers on disk. */
  private volatile EndedLeases named = EndedLeases.NONE;

  private final AtomicLong sweptKeys = new AtomicLong();

  /** The one that the apply thread waits for. */
  private volatile @Nullable EndedLease urgent;

  /** Where to go on; used between commits only. */
  private @Nullable Progress progress;

  /**
   * @param pieceKeys keys of one piece, {@link #PIECE_KEYS} but in tests
   */
  KeySweeper(Database database, int pieceKeys) {
    this.database = database;
    this.stored = new StoredKeys(database);
    this.pieceKeys = pieceKeys;
  }

  /**
   * How far the work on one lease has come.
   *
   * @param generation of the database
   * @param part of history to be written next
   * @param last key that was swept, null for none
   */
  private record Progress(EndedLease lease, int generation, int part, @Nullable Bytes last) {}

  /** Forgets what it knows of one database, before anybody sees the next. Apply thread. */
  void forget() {
    swept.clear();
  }

  /** Returns which leases are swept, to be named no longer. Any thread. */
  Set<EndedLease> swept() {
    return swept;
  }

  /** The numbers on disk name these and no others. Apply thread. */
  void named(EndedLeases leases) {
    if (!swept.isEmpty()) {
      swept.retainAll(Set.copyOf(leases.inOrder()));
    }
    named = leases;
  }

  /** Returns how many leases wait to be swept. Any thread. */
  long unsweptLeases() {
    return named.without(swept).size();
  }

  /** Tells whether so many leases wait that there is not much room for others. Any thread. */
  boolean isCrowded() {
    return named.size() > EndedLeases.UNSWEPT_MAX / 2;
  }

  /** Returns how many keys were swept since the start. Any thread. */
  long sweptKeys() {
    return sweptKeys.get();
  }

  /** Sweeps a piece of the lease whose end is the oldest; false when there is none. Any thread. */
  boolean sweepPiece() {
    Piece piece = new Piece(null);
    database.changeBetweenCommits(piece);
    return piece.isSwept();
  }

  /** Sweeps all that is left of a lease that the committed numbers name. Apply thread. */
  void sweep(EndedLease lease) {
    urgent = lease;
    while (!swept.contains(lease)) {
      database.changeBetweenCommits(new Piece(lease));
    }
    urgent = null;
  }

  /** One piece. Between commits, since one of them may give the lease's ID to another. */
  private final class Piece implements Database.Change {
    private final @Nullable EndedLease asked;
    private @Nullable EndedLease lease;
    private boolean isLast;

    /**
     * @param asked the lease, or null for whichever is next
     */
    Piece(@Nullable EndedLease asked) {
      this.asked = asked;
    }

    boolean isSwept() {
      return lease != null;
    }

    @Override
    public void on(RocksDB db, RowBatch rows) throws RocksDBException {
      EndedLease next = next();
      lease = next;
      if (next == null) {
        return;
      }
      int generation = database.generation();
      Progress now = progress;
      if (now == null || !now.lease().equals(next) || now.generation() != generation) {
        now = progressInHistory(db, next, generation);
      }
      List<Bytes> keys = attachedAfter(db, next.leaseId(), now.last());
      int deleted = delete(db, rows, next, keys, now.part());
      int part = deleted > 0 ? now.part() + 1 : now.part();
      isLast = deleted == keys.size() && keys.size() < pieceKeys;
      if (isLast) {
        detachAll(db, rows, next.leaseId(), part);
        progress = null;
      } else {
        progress = new Progress(next, generation, part, keys.get(deleted - 1));
      }
      sweptKeys.addAndGet(deleted);
    }

    @Override
    public void written() {
      if (isLast && lease != null) {
        swept.add(lease);
      }
    }

    private @Nullable EndedLease next() {
      List<EndedLease> open = stored.numbers().ended().without(swept).inOrder();
      EndedLease wanted = asked == null ? urgent : asked;
      if (wanted != null && open.contains(wanted)) {
        return wanted;
      }
      return asked != null || open.isEmpty() ? null : open.get(0);
    }
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

  private List<Bytes> attachedAfter(RocksDB db, long leaseId, @Nullable Bytes last)
      throws RocksDBException {
    byte[] from = KeyCodec.attachedStart(leaseId);
    if (last != null) {
      byte[] row = KeyCodec.attachedKey(leaseId, last);
      from = Arrays.copyOf(row, row.length + 1); // the least key after it
    }
    List<Bytes> keys = new ArrayList<>(pieceKeys);
    try (Rows rows = new Rows(db, from, KeyCodec.attachedEnd(leaseId))) {
      for (; rows.isAtRow() && keys.size() < pieceKeys; rows.next()) {
        keys.add(Bytes.wrap(rows.keyFrom(KeyCodec.ATTACHED_PREFIX_BYTES)));
      }
    }
    return keys;
  }

  /**
   * Deletes keys, kind by kind as {@link RocksKeyStore#write} does, until their values are too much
   * to be read: RocksDB does that, though only their beginnings are wanted.
   *
   * @return how many were deleted, at least one if there are any
   */
  private static int delete(RocksDB db, RowBatch rows, EndedLease lease, List<Bytes> keys, int part)
      throws RocksDBException {
    byte[] record = new byte[KeyCodec.RECORD_BYTES];
    List<KeyEvent> events = new ArrayList<>(keys.size());
    long bytes = 0;
    for (Bytes key : keys) {
      if (bytes > PIECE_BYTES_MAX) {
        break;
      }
      byte[] current = KeyCodec.currentKey(key);
      int found = db.get(current, record);
      if (found != RocksDB.NOT_FOUND) {
        bytes += found;
        if (lease.took(KeyCodec.leaseId(record), KeyCodec.modRevision(record), Long.MAX_VALUE)) {
          rows.delete(current);
        }
      }
      events.add(new KeyEvent.Deleted(key, lease.revision()));
    }
    for (KeyEvent event : events) {
      rows.put(KeyCodec.versionKey(event.key(), lease.revision()), KeyCodec.deletion());
    }
    if (!events.isEmpty()) {
      rows.put(KeyCodec.historyKey(lease.revision(), part), KeyCodec.history(events));
    }
    return events.size();
  }

  private void detachAll(RocksDB db, RowBatch rows, long leaseId, int parts)
      throws RocksDBException {
    if (parts * pieceKeys > RocksKeyStore.DETACHED_ONE_BY_ONE_MAX) {
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
