package io.leasehold.raft.storage;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** A moment of the database to read from. */
interface Reads {
  /** Reads. The database stays open meanwhile, so it must not take long. */
  <T extends @Nullable Object> T read(Reading<T> reading);

  /** What to read. */
  interface Reading<T extends @Nullable Object> {
    T of(RocksDB db, ReadOptions moment) throws RocksDBException;
  }
}
