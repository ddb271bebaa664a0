package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyStore;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.raft.storage.KeyCodec.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The key space, written with the same batch as the rest of the state. Apply thread.
 *
 * <p>What is not committed yet is in the batch, for the disk, and in {@link KeyChanges}, for
 * reading.
 */
final class RocksKeyStore implements KeyStore {
  /**
   * Attachments that are deleted one by one. More go with one deletion of a range, which costs
   * every later reader a little until it is compacted, and so would not do for each lease with a
   * key.
   */
  static final int DETACHED_ONE_BY_ONE_MAX = 1024;

  private final Database database;
  private final StoredKeys stored;
  private final KeyChanges changes = new KeyChanges();
  private final KeyView rows = new PendingRows();
  private final KeyView pending = new LiveKeys(rows, this::ended);
  private final KeySweeper sweeper;
  private Numbers committed = Numbers.FIRST;
  private Numbers numbers = Numbers.FIRST;

  RocksKeyStore(Database database, KeySweeper sweeper) {
    this.database = database;
    this.sweeper = sweeper;
    this.stored = new StoredKeys(database);
  }

  /** Reads the numbers anew and forgets what was not committed. */
  void reload() {
    changes.clear();
    committed = stored.numbers();
    sweeper.named(committed.ended());
    numbers = committed;
  }

  /**
   * Adds to the batch what the keys have become, and the numbers, if they changed.
   *
   * <p>Kind by kind, and in order of keys: RocksDB keeps its place in the memtable as long as keys
   * ascend, which makes the end of a lease with many keys twice as cheap. And a key that changed
   * several times since the last commit has one current row to be written.
   */
  void prepareCommit() {
    RowBatch batch = database.batch();
    changes.forEachNewest(event -> writeCurrent(batch, event));
    changes.forEachChange(event -> writeVersion(batch, event));
    numbers = numbers.without(sweeper.swept());
    if (!numbers.equals(committed)) {
      batch.put(KeyCodec.numbersKey(), KeyCodec.numbers(numbers));
    }
  }

  /** The batch was committed; tells whether there is work for the background in it. */
  boolean committed() {
    changes.clear();
    boolean leavesWork =
        numbers.compactedRevision() > committed.compactedRevision()
            || (!numbers.ended().isEmpty() && !numbers.ended().equals(committed.ended()));
    sweeper.named(numbers.ended());
    committed = numbers;
    return leavesWork;
  }

  @Override
  public KeyView pending() {
    return pending;
  }

  @Override
  public void write(long revision, List<KeyEvent> events) {
    requireNext(revision);
    if (events.isEmpty()) {
      throw new IllegalArgumentException("a revision without changes: " + revision);
    }
    writeHistory(revision, events);
    numbers = numbers.withRevision(revision);
  }

  private EndedLeases ended() {
    return numbers.ended();
  }

  private void requireNext(long revision) {
    if (revision != numbers.revision() + 1) {
      throw new IllegalArgumentException("revision " + revision + " after " + numbers.revision());
    }
  }

  /** Writes what happened to which keys; their rows follow with the commit. */
  private void writeHistory(long revision, List<KeyEvent> events) {
    RowBatch batch = database.batch();
    int parts = 0;
    for (int from = 0; from < events.size(); from += KeyCodec.CHANGES_PER_ROW_MAX) {
      int to = Math.min(events.size(), from + KeyCodec.CHANGES_PER_ROW_MAX);
      batch.put(KeyCodec.historyKey(revision, parts++), KeyCodec.history(events.subList(from, to)));
    }
    changes.write(revision, List.copyOf(events));
  }

  @Override
  public void deleteAttached(long revision, long leaseId) {
    requireNext(revision);
    EndedLease lease = new EndedLease(leaseId, revision);
    numbers = numbers.withRevision(revision);
    if (numbers.ended().size() < EndedLeases.UNSWEPT_MAX) {
      numbers = numbers.with(lease);
    } else {
      deleteNow(lease);
    }
  }

  private static void writeCurrent(RowBatch batch, KeyEvent event) {
    byte[] row = KeyCodec.currentKey(event.key());
    if (event instanceof KeyEvent.Put put) {
      batch.put(row, KeyCodec.record(put.keyValue()));
    } else {
      batch.delete(row);
    }
  }

  private static void writeVersion(RowBatch batch, KeyEvent event) {
    batch.put(
        KeyCodec.versionKey(event.key(), event.revision()),
        event instanceof KeyEvent.Put put ? KeyCodec.record(put.keyValue()) : KeyCodec.deletion());
  }

  @Override
  public void attach(long leaseId, Bytes key) {
    completeEnd(leaseId);
    database.batch().put(KeyCodec.attachedKey(leaseId, key), KeyCodec.attachment());
    changes.attach(leaseId, key, true);
  }

  /**
   * Sees to it that nothing is left of an earlier lease of the same ID, whose keys could not be
   * told from those of this one. Whoever takes an ID again at once waits for it, and everybody with
   * them.
   */
  private void completeEnd(long leaseId) {
    EndedLease lease = numbers.ended().find(leaseId);
    if (lease == null) {
      return;
    }
    if (lease.revision() <= committed.revision()) {
      sweeper.sweep(lease);
    } else {
      deleteNow(lease);
    }
    numbers = numbers.without(Set.of(lease));
  }

  /** Writes what {@link #deleteAttached} may leave out, in the batch that it belongs to. */
  private void deleteNow(EndedLease lease) {
    List<KeyEvent> events = new ArrayList<>();
    rows.forEachAttached(
        lease.leaseId(), key -> events.add(new KeyEvent.Deleted(key, lease.revision())));
    writeHistory(lease.revision(), events);
    detachAll(lease.leaseId());
  }

  @Override
  public void detach(long leaseId, Bytes key) {
    database.batch().delete(KeyCodec.attachedKey(leaseId, key));
    changes.attach(leaseId, key, false);
  }

  @Override
  public void detachAll(long leaseId) {
    List<Bytes> keys = new ArrayList<>();
    rows.forEachAttached(
        leaseId,
        key -> {
          keys.add(key);
          return keys.size() <= DETACHED_ONE_BY_ONE_MAX;
        });
    RowBatch batch = database.batch();
    if (keys.size() > DETACHED_ONE_BY_ONE_MAX) {
      batch.deleteRange(KeyCodec.attachedStart(leaseId), KeyCodec.attachedEnd(leaseId));
    } else {
      for (Bytes key : keys) {
        batch.delete(KeyCodec.attachedKey(leaseId, key));
      }
    }
    changes.detachAll(leaseId);
  }

  @Override
  public void forEachLeaseWithKeys(LongConsumer visitor) {
    stored.forEachLeaseWithKeys(visitor);
  }

  @Override
  public long keysHash() {
    return numbers.hash();
  }

  @Override
  public void putKeysHash(long hash) {
    numbers = numbers.withHash(hash);
  }

  @Override
  public void compact(long revision) {
    if (revision <= numbers.compactedRevision() || revision > numbers.revision()) {
      throw new IllegalArgumentException(
          "compaction at "
              + revision
              + " of keys from "
              + numbers.compactedRevision()
              + " to "
              + numbers.revision());
    }
    numbers = numbers.withCompactedRevision(revision);
  }

  /** What the rows say, with those that are not committed yet. */
  private final class PendingRows implements KeyView {
    @Override
    public long revision() {
      return numbers.revision();
    }

    @Override
    public long compactedRevision() {
      return numbers.compactedRevision();
    }

    @Override
    public @Nullable KeyValue get(Bytes key, long revision) {
      KeyEvent change = changes.newest(key, revision);
      if (change != null) {
        return change instanceof KeyEvent.Put put ? put.keyValue() : null;
      }
      return revision >= committed.revision() ? stored.current(key) : stored.at(key, revision);
    }

    @Override
    public void forEach(KeyRange range, long revision, Visitor<KeyValue> visitor) {
      changes.forEach(
          range,
          revision,
          below -> {
            if (revision >= committed.revision()) {
              stored.forEachCurrent(range, below);
            } else {
              stored.forEachAt(range, revision, below);
            }
          },
          visitor);
    }

    @Override
    public long count(KeyRange range, long revision) {
      if (changes.touch(range)) {
        long[] count = {0};
        forEach(
            range,
            revision,
            keyValue -> {
              count[0]++;
              return true;
            });
        return count[0];
      }
      return revision >= committed.revision()
          ? stored.countCurrent(range)
          : stored.countAt(range, revision);
    }

    @Override
    public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
      boolean[] isOver = {false};
      stored.forEachEvent(
          first,
          Math.min(last, committed.revision()),
          event -> {
            isOver[0] = !visitor.visit(event);
            return !isOver[0];
          });
      if (!isOver[0]) {
        changes.forEachEvent(first, last, visitor);
      }
    }

    @Override
    public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
      changes.forEachAttached(leaseId, below -> stored.forEachAttached(leaseId, below), visitor);
    }
  }
}
