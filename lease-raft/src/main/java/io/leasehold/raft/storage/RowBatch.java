package io.leasehold.raft.storage;

import io.leasehold.core.state.StateStoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Rows that are to be written together, in the serialized form of RocksDB's batches: eight bytes
 * for a sequence number, which RocksDB sets, four for the number of records, and the records. Each
 * is a tag, and a key and for some tags a value, with their lengths before them as varints.
 *
 * <p>Made in Java, because RocksDB's own batch takes a call out of the JVM for each row: at the end
 * of a lease with many keys that is most of the time. What is too much for an array goes there all
 * the same, since an array that grows takes three times its size. Used by one thread.
 */
final class RowBatch {
  private static final byte TAG_DELETION = 0x0;
  private static final byte TAG_PUT = 0x1;
  private static final byte TAG_RANGE_DELETION = 0xf;

  private static final int COUNT_AT = Long.BYTES;
  private static final int HEADER_BYTES = COUNT_AT + Integer.BYTES;

  private static final int VARINT_BYTES_MAX = 5;
  private static final int VARINT_BITS = 7;
  private static final int VARINT_MORE = 1 << VARINT_BITS;

  private static final int CAPACITY_INITIAL = 16 << 10;

  /** Room that is kept for the next rows. */
  private static final int CAPACITY_KEPT_MAX = 1 << 20;

  /** Rows beyond this are handed to RocksDB one by one. */
  private static final int BYTES_HERE_MAX = 16 << 20;

  private byte[] rows = new byte[CAPACITY_INITIAL];
  private int length = HEADER_BYTES;
  private int count;

  /** All rows, once they were too many to be kept here. */
  private @Nullable WriteBatch handedOver;

  void put(byte[] key, byte[] value) {
    if (handsOver(key.length + value.length)) {
      handOver(batch -> batch.put(key, value));
      return;
    }
    begin(TAG_PUT, key.length + value.length);
    append(key);
    append(value);
  }

  void delete(byte[] key) {
    if (handsOver(key.length)) {
      handOver(batch -> batch.delete(key));
      return;
    }
    begin(TAG_DELETION, key.length);
    append(key);
  }

  /** Deletes all rows from a key to before another. */
  void deleteRange(byte[] from, byte[] before) {
    if (handsOver(from.length + before.length)) {
      handOver(batch -> batch.deleteRange(from, before));
      return;
    }
    begin(TAG_RANGE_DELETION, from.length + before.length);
    append(from);
    append(before);
  }

  void clear() {
    if (handedOver != null) {
      handedOver.close();
      handedOver = null;
    }
    if (rows.length > CAPACITY_KEPT_MAX) {
      rows = new byte[CAPACITY_INITIAL];
    }
    length = HEADER_BYTES;
    count = 0;
  }

  /** Returns the rows as RocksDB takes them; they are the caller's, who closes them. */
  WriteBatch toWriteBatch() throws RocksDBException {
    WriteBatch all = handedOver;
    if (all != null) {
      handedOver = null;
      return all;
    }
    return fromHere();
  }

  private WriteBatch fromHere() throws RocksDBException {
    ByteBuffer.wrap(rows).order(ByteOrder.LITTLE_ENDIAN).putInt(COUNT_AT, count);
    return new WriteBatch(Arrays.copyOf(rows, length));
  }

  private boolean handsOver(int bytes) {
    return handedOver != null || length + (long) bytes > BYTES_HERE_MAX;
  }

  /** Adds one row to what RocksDB has, which is everything from here at first. */
  private void handOver(Row row) {
    try {
      if (handedOver == null) {
        handedOver = fromHere();
        rows = new byte[CAPACITY_INITIAL];
        length = HEADER_BYTES;
        count = 0;
      }
      row.addTo(handedOver);
    } catch (RocksDBException e) {
      throw new StateStoreException("cannot put a batch together: " + e.getMessage(), e);
    }
  }

  /** A row on its way out of here. */
  @FunctionalInterface
  private interface Row {
    void addTo(WriteBatch batch) throws RocksDBException;
  }

  private void begin(byte tag, int bytes) {
    long needed = length + 1L + 2 * VARINT_BYTES_MAX + bytes;
    if (needed > rows.length) {
      grow(needed);
    }
    rows[length++] = tag;
    count++;
  }

  private void grow(long needed) {
    rows = Arrays.copyOf(rows, (int) Math.max(needed, 2L * rows.length));
  }

  private void append(byte[] bytes) {
    int rest = bytes.length;
    for (; rest >= VARINT_MORE; rest >>>= VARINT_BITS) {
      rows[length++] = (byte) (rest | VARINT_MORE);
    }
    rows[length++] = (byte) rest;
    System.arraycopy(bytes, 0, rows, length, bytes.length);
    length += bytes.length;
  }
}
