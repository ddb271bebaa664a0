package io.leasehold.raft.storage;

import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** One rewriting of all tables, which another thread may end early. */
final class Defragmentation implements AutoCloseable {
  private final CompactRangeOptions options =
      new CompactRangeOptions()
          .setExclusiveManualCompaction(false)
          .setBottommostLevelCompaction(BottommostLevelCompaction.kForceOptimized);

  private boolean isClosed;

  void run(RocksDB db) throws RocksDBException {
    try {
      db.compactRange(db.getDefaultColumnFamily(), null, null, options);
    } catch (RocksDBException e) {
      Status status = e.getStatus();
      if (status == null || status.getCode() != Status.Code.Incomplete) {
        throw e;
      }
    }
  }

  /** Ends the run soon; what was rewritten stays. Any thread. */
  synchronized void cancel() {
    if (!isClosed) {
      options.setCanceled(true);
    }
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    options.close();
  }
}
