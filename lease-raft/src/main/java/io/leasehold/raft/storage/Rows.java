package io.leasehold.raft.storage;

import io.leasehold.raft.storage.StateCodec.DamagedValueException;
import java.util.Arrays;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * The rows of the database from one key to before another, in order. Owns native memory; used by
 * one thread, within one {@link Reads#read}.
 */
final class Rows implements AutoCloseable {
  private static final byte[] NO_BYTES = {};

  /** Most keys fit; grows with the longest. */
  private static final int KEY_BUFFER_BYTES = 256;

  private final Slice end;
  private final ReadOptions options;
  private final RocksIterator iterator;
  private byte[] keyBuffer = NO_BYTES;

  Rows(RocksDB db, ReadOptions moment, byte[] from, byte[] before) {
    end = new Slice(before);
    options = new ReadOptions(moment).setIterateUpperBound(end);
    iterator = db.newIterator(options);
    iterator.seek(from);
  }

  /** The rows of the newest state. */
  Rows(RocksDB db, byte[] from, byte[] before) {
    end = new Slice(before);
    options = new ReadOptions().setIterateUpperBound(end);
    iterator = db.newIterator(options);
    iterator.seek(from);
  }

  /** Tells whether there is a row here; false behind the last. */
  boolean isAtRow() throws RocksDBException {
    if (iterator.isValid()) {
      return true;
    }
    iterator.status();
    return false;
  }

  byte[] key() {
    return iterator.key();
  }

  /**
   * Returns the key without its beginning: cheaper than to have an array from RocksDB and cut it.
   *
   * @throws DamagedValueException if it is shorter than that
   */
  byte[] keyFrom(int beginBytes) {
    if (keyBuffer.length == 0) {
      keyBuffer = new byte[KEY_BUFFER_BYTES];
    }
    int length = iterator.key(keyBuffer);
    if (length > keyBuffer.length) {
      keyBuffer = new byte[length];
      length = iterator.key(keyBuffer);
    }
    if (length < beginBytes) {
      throw new DamagedValueException("a key of " + length + " bytes");
    }
    return Arrays.copyOfRange(keyBuffer, beginBytes, length);
  }

  byte[] value() {
    return iterator.value();
  }

  /** Returns the length of the value, without fetching it. */
  int valueBytes() {
    return iterator.value(NO_BYTES);
  }

  void next() {
    iterator.next();
  }

  /** Goes to the first row at or behind a key. */
  void seek(byte[] key) {
    iterator.seek(key);
  }

  @Override
  public void close() {
    iterator.close();
    options.close();
    end.close();
  }
}
