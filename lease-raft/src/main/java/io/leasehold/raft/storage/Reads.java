package io.leasehold.raft.storage;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** A moment of the database to read from. */
interface Reads {
  /**
   * Reads what may not be there; then it is null. The database stays open meanwhile, so it must not
   * take long.
   */
  <T> @Nullable T find(Finding<T> finding);

  /** Reads. The database stays open meanwhile, so it must not take long. */
  default <T> T read(Reading<T> reading) {
    return Objects.requireNonNull(find(reading::of));
  }

  /** What to read. */
  interface Reading<T> {
    T of(RocksDB db, ReadOptions moment) throws RocksDBException;
  }

  /** What to look for. */
  interface Finding<T> {
    @Nullable T of(RocksDB db, ReadOptions moment) throws RocksDBException;
  }
}
