package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.storage.impl.RocksDBLogStorage;
import com.alipay.sofa.jraft.util.StorageOptionsFactory;
import io.leasehold.raft.storage.RocksLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.WALRecoveryMode;

/**
 * How the Raft log is opened. JRaft keeps these options in a table of the whole JVM, so they are
 * set once.
 *
 * <p>A damaged middle of the log is refused; only a last record that was being written when the
 * power went is dropped, which was never acknowledged.
 */
final class RaftLogStorageOptions {
  private static final long MEMTABLE_BYTES = 16L << 20;
  private static final int MEMTABLES_MAX = 3;
  private static final long WAL_BYTES_MAX = 128L << 20;
  private static final int INFO_LOGS_MAX = 3;

  static {
    loadLibrary();
    StorageOptionsFactory.registerRocksDBOptions(
        RocksDBLogStorage.class,
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setParanoidChecks(true)
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
            .setMaxTotalWalSize(WAL_BYTES_MAX)
            .setKeepLogFileNum(INFO_LOGS_MAX)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL));
    StorageOptionsFactory.registerRocksDBColumnFamilyOptions(
        RocksDBLogStorage.class,
        new ColumnFamilyOptions()
            .setWriteBufferSize(MEMTABLE_BYTES)
            .setMaxWriteBufferNumber(MEMTABLES_MAX)
            .setForceConsistencyChecks(true));
  }

  private RaftLogStorageOptions() {}

  private static void loadLibrary() {
    try {
      RocksLibrary.load();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sees to it that the options are set. */
  static void ensureSet() {
    // The static initialiser has run.
  }
}
