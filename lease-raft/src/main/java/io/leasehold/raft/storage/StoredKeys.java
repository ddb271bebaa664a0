package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView.Visitor;
import io.leasehold.raft.storage.KeyCodec.Change;
import io.leasehold.raft.storage.KeyCodec.Numbers;
import io.leasehold.raft.storage.KeyCodec.Scrubbed;
import io.leasehold.raft.storage.StateCodec.DamagedValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The key space as it is in the database at one moment: what the rows of {@link KeyCodec} mean.
 *
 * <p>A visit reads in chunks, and neither holds the database open nor native memory while it calls
 * the visitor, so that it may take its time.
 */
final class StoredKeys {
  /** Rows of the first chunk: most visits want no more. */
  private static final int FIRST_CHUNK_ROWS = 16;

  private static final int CHUNK_GROWTH = 4;

  /** Rows of a chunk, those passed over included: a few milliseconds from the disk. */
  private static final int CHUNK_ROWS_MAX = 2048;

  /** Bytes of a chunk, unless a single row has more. */
  private static final int CHUNK_BYTES_MAX = 512 * 1024;

  private final Reads reads;

  StoredKeys(Reads reads) {
    this.reads = reads;
  }

  /** A row as it is. */
  static final class Row {
    private final byte[] key;
    private final byte[] value;

    Row(byte[] key, byte[] value) {
      this.key = key;
      this.value = value;
    }

    byte[] key() {
      return key;
    }

    byte[] value() {
      return value;
    }
  }

  /** A part of what is visited. */
  private static final class Chunk<T> {
    private final List<T> items;

    /** Where the next part begins, null behind the last. */
    private final byte @Nullable [] next;

    Chunk(List<T> items, byte @Nullable [] next) {
      this.items = items;
      this.next = next;
    }
  }

  /** Reads one part, from the row that {@code rows} is at. */
  private interface ChunkReader<T> {
    Chunk<T> read(Source source, int rowsMax) throws RocksDBException;
  }

  private record Source(RocksDB db, ReadOptions moment, Rows rows) {}

  Numbers numbers() {
    return reads.read(
        (db, moment) -> {
          byte[] value = db.get(moment, KeyCodec.numbersKey());
          return value == null ? Numbers.FIRST : KeyCodec.numbers(value);
        });
  }

  Scrubbed scrubbed() {
    return reads.read(
        (db, moment) -> {
          byte[] value = db.get(moment, KeyCodec.scrubbedKey());
          return value == null ? Scrubbed.NOTHING : KeyCodec.scrubbed(value);
        });
  }

  // ---------------------------------------------------------------- newest revision

  @Nullable KeyValue current(Bytes key) {
    return reads.find((db, moment) -> current(db, moment, key));
  }

  private static @Nullable KeyValue current(RocksDB db, ReadOptions moment, Bytes key)
      throws RocksDBException {
    byte[] record = db.get(moment, KeyCodec.currentKey(key));
    return record == null ? null : KeyCodec.keyValue(key, record);
  }

  void forEachCurrent(KeyRange range, Visitor<KeyValue> visitor) {
    if (range.isEmpty()) {
      return;
    }
    if (range.isSingle()) {
      KeyValue found = current(range.first());
      if (found != null) {
        visitor.visit(found);
      }
      return;
    }
    visit(
        KeyCodec.currentKey(range.first()),
        currentEnd(range),
        (source, rowsMax) -> {
          Rows rows = source.rows();
          List<KeyValue> items = new ArrayList<>();
          int bytes = 0;
          for (; rows.isAtRow(); rows.next()) {
            byte[] row = rows.key();
            if (items.size() >= rowsMax || bytes >= CHUNK_BYTES_MAX) {
              return new Chunk<>(items, row);
            }
            byte[] record = rows.value();
            items.add(KeyCodec.keyValue(KeyCodec.keyOfCurrent(row), record));
            bytes += record.length;
          }
          return new Chunk<>(items, null);
        },
        visitor);
  }

  long countCurrent(KeyRange range) {
    if (range.isEmpty()) {
      return 0;
    }
    long[] count = {0};
    visit(
        KeyCodec.currentKey(range.first()),
        currentEnd(range),
        (source, rowsMax) -> {
          Rows rows = source.rows();
          for (int left = CHUNK_ROWS_MAX; rows.isAtRow(); rows.next()) {
            if (left-- == 0) {
              return new Chunk<>(List.of(), rows.key());
            }
            count[0]++;
          }
          return new Chunk<>(List.of(), null);
        },
        item -> true);
    return count[0];
  }

  private static byte[] currentEnd(KeyRange range) {
    Bytes end = range.end();
    return end == null ? KeyCodec.afterKind(StateCodec.KIND_CURRENT) : KeyCodec.currentKey(end);
  }

  // ---------------------------------------------------------------- earlier revisions

  @Nullable KeyValue at(Bytes key, long revision) {
    return reads.find(
        (db, moment) -> {
          KeyValue newest = current(db, moment, key);
          if (newest != null && newest.modRevision() <= revision) {
            return newest;
          }
          byte[] from = KeyCodec.versionKey(key, revision);
          try (Rows rows = new Rows(db, moment, from, KeyCodec.versionsEnd(key))) {
            return rows.isAtRow() && !KeyCodec.isDeletion(rows.valueBytes())
                ? KeyCodec.keyValue(key, rows.value())
                : null;
          }
        });
  }

  void forEachAt(KeyRange range, long revision, Visitor<KeyValue> visitor) {
    if (range.isSingle()) {
      KeyValue found = at(range.first(), revision);
      if (found != null) {
        visitor.visit(found);
      }
      return;
    }
    forEachVersionAt(
        range,
        revision,
        (key, rows) -> KeyCodec.keyValue(KeyCodec.keyOfVersion(key), rows.value()),
        visitor);
  }

  long countAt(KeyRange range, long revision) {
    long[] count = {0};
    forEachVersionAt(
        range,
        revision,
        (key, rows) -> Boolean.TRUE,
        counted -> {
          count[0]++;
          return true;
        });
    return count[0];
  }

  private interface RowReader<T> {
    T read(byte[] key, Rows rows);
  }

  /** Visits the version of each key that was its newest at a revision, deletions left out. */
  private <T> void forEachVersionAt(
      KeyRange range, long revision, RowReader<T> reader, Visitor<T> visitor) {
    if (range.isEmpty()) {
      return;
    }
    Bytes end = range.end();
    visit(
        KeyCodec.versionsStart(range.first()),
        end == null ? KeyCodec.afterKind(StateCodec.KIND_VERSION) : KeyCodec.versionsStart(end),
        (source, rowsMax) -> {
          Rows rows = source.rows();
          List<T> items = new ArrayList<>();
          int bytes = 0;
          for (int left = rowsMax; rows.isAtRow(); left--) {
            byte[] row = rows.key();
            if (left <= 0 || bytes >= CHUNK_BYTES_MAX) {
              return new Chunk<>(items, row);
            }
            if (KeyCodec.revisionOfVersion(row) > revision) {
              rows.seek(KeyCodec.versionKey(KeyCodec.keyOfVersion(row), revision));
              continue;
            }
            int valueBytes = rows.valueBytes();
            if (!KeyCodec.isDeletion(valueBytes)) {
              items.add(reader.read(row, rows));
              bytes += valueBytes;
            }
            passOlder(rows, row);
          }
          return new Chunk<>(items, null);
        },
        visitor);
  }

  /** Goes to the next key; most have one version, and stepping is cheaper than seeking. */
  private static void passOlder(Rows rows, byte[] row) throws RocksDBException {
    rows.next();
    if (rows.isAtRow() && KeyCodec.isSameKey(rows.key(), row)) {
      rows.seek(KeyCodec.versionsEnd(row));
    }
  }

  /** Visits the rows of all versions of all keys: in order of keys, the newest first. */
  void forEachVersion(Visitor<Row> visitor) {
    visit(
        new byte[] {StateCodec.KIND_VERSION},
        KeyCodec.afterKind(StateCodec.KIND_VERSION),
        (source, rowsMax) -> {
          Rows rows = source.rows();
          List<Row> items = new ArrayList<>();
          int bytes = 0;
          for (; rows.isAtRow(); rows.next()) {
            byte[] row = rows.key();
            if (items.size() >= rowsMax || bytes >= CHUNK_BYTES_MAX) {
              return new Chunk<>(items, row);
            }
            byte[] value = rows.value();
            items.add(new Row(row, value));
            bytes += row.length + value.length;
          }
          return new Chunk<>(items, null);
        },
        visitor);
  }

  // ---------------------------------------------------------------- history, attachments

  /** Visits the changes of some revisions, in order. */
  void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
    if (last < first) {
      return;
    }
    visit(
        KeyCodec.historyKey(first, 0),
        KeyCodec.historyKey(last, Integer.MAX_VALUE),
        (source, rowsMax) -> {
          Rows rows = source.rows();
          List<KeyEvent> items = new ArrayList<>();
          int bytes = 0;
          for (; rows.isAtRow(); rows.next()) {
            byte[] row = rows.key();
            if (items.size() >= rowsMax || bytes >= CHUNK_BYTES_MAX) {
              return new Chunk<>(items, row);
            }
            bytes += readEvents(source, row, items);
          }
          return new Chunk<>(items, null);
        },
        visitor);
  }

  /** Adds the changes in a row of history; returns how many bytes their values have. */
  private static int readEvents(Source source, byte[] row, List<KeyEvent> events)
      throws RocksDBException {
    long revision = KeyCodec.revisionOfHistory(row);
    int bytes = 0;
    for (Change change : KeyCodec.changes(source.rows().value())) {
      if (!change.isPut()) {
        events.add(new KeyEvent.Deleted(change.key(), revision));
        continue;
      }
      byte[] version = KeyCodec.versionKey(change.key(), revision);
      byte[] record = source.db().get(source.moment(), version);
      if (record == null) {
        throw new DamagedValueException(
            "revision " + revision + " of a key that it changed is missing");
      }
      events.add(new KeyEvent.Put(KeyCodec.keyValue(change.key(), record)));
      bytes += record.length;
    }
    return bytes;
  }

  void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
    visit(
        KeyCodec.attachedStart(leaseId),
        KeyCodec.attachedEnd(leaseId),
        (source, rowsMax) -> {
          Rows rows = source.rows();
          List<Bytes> items = new ArrayList<>();
          for (; rows.isAtRow(); rows.next()) {
            if (items.size() >= rowsMax) {
              return new Chunk<>(items, rows.key());
            }
            items.add(Bytes.wrap(rows.keyFrom(KeyCodec.ATTACHED_PREFIX_BYTES)));
          }
          return new Chunk<>(items, null);
        },
        visitor);
  }

  /**
   * Visits the leases that have a row of an attached key, each once or more. Of a lease with many
   * keys few are read.
   */
  void forEachLeaseWithKeys(LongConsumer visitor) {
    visit(
        KeyCodec.attachedStart(Long.MIN_VALUE),
        KeyCodec.afterKind(StateCodec.KIND_ATTACHED),
        (source, rowsMax) -> {
          Rows rows = source.rows();
          List<Long> items = new ArrayList<>();
          while (rows.isAtRow()) {
            byte[] row = rows.key();
            if (items.size() >= rowsMax) {
              return new Chunk<>(items, row);
            }
            long leaseId = KeyCodec.leaseIdOfAttached(row);
            items.add(leaseId);
            // Most have one key, and stepping is cheaper than seeking.
            rows.next();
            if (rows.isAtRow() && KeyCodec.leaseIdOfAttached(rows.key()) == leaseId) {
              rows.seek(KeyCodec.attachedEnd(leaseId));
            }
          }
          return new Chunk<>(items, null);
        },
        leaseId -> {
          visitor.accept(leaseId);
          return true;
        });
  }

  private <T> void visit(byte[] from, byte[] before, ChunkReader<T> reader, Visitor<T> visitor) {
    byte[] at = from;
    int rowsMax = FIRST_CHUNK_ROWS;
    while (at != null) {
      byte[] start = at;
      int rowsNow = rowsMax;
      Chunk<T> chunk =
          reads.read(
              (db, moment) -> {
                try (Rows rows = new Rows(db, moment, start, before)) {
                  return reader.read(new Source(db, moment, rows), rowsNow);
                }
              });
      for (T item : chunk.items) {
        if (!visitor.visit(item)) {
          return;
        }
      }
      at = chunk.next;
      rowsMax = Math.min(rowsMax * CHUNK_GROWTH, CHUNK_ROWS_MAX);
    }
  }
}
