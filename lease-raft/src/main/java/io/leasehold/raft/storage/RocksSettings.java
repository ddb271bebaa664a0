package io.leasehold.raft.storage;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.WriteOptions;

/**
 * How the state's database is set up: bounded memory whatever the number of leases, and suspicious
 * of its files. Owns native memory; closed after the database that uses it.
 */
final class RocksSettings implements AutoCloseable {
  /** A third of a million writes; also about what a restart after a crash has to apply again. */
  private static final long MEMTABLE_BYTES = 16L << 20;

  /** One takes writes and one is being flushed; the third spares the apply thread a wait. */
  private static final int MEMTABLES_MAX = 3;

  /**
   * For keys that are read, and the indexes and filters that lead to them; leases are in memory.
   */
  private static final long BLOCK_CACHE_BYTES = 64L << 20;

  /** A look-up of what is not there, or not in this table, costs no block in 99 cases of 100. */
  private static final double FILTER_BITS_PER_KEY = 10;

  /**
   * Indexes and filters come and go in pieces of this, not by the table, which may be megabytes.
   */
  private static final long INDEX_PIECE_BYTES = 16L << 10;

  private static final int OPEN_FILES_MAX = 256;

  /** Flushes and compactions at once; the member shares its cores with the Raft log. */
  private static final int BACKGROUND_JOBS_MAX = 2;

  /** Background writes are handed to the disk in steps, so that the log's fsyncs do not wait. */
  private static final long BYTES_PER_SYNC = 1L << 20;

  private static final int INFO_LOGS_MAX = 3;
  private static final long INFO_LOG_BYTES_MAX = 1L << 20;
  private static final long SCAN_READAHEAD_BYTES = 2L << 20;

  private final LRUCache blockCache = new LRUCache(BLOCK_CACHE_BYTES);
  private final BloomFilter filter = new BloomFilter(FILTER_BITS_PER_KEY);
  private final Options options =
      new Options()
          .setParanoidChecks(true)
          .setForceConsistencyChecks(true)
          .setWriteBufferSize(MEMTABLE_BYTES)
          .setMaxWriteBufferNumber(MEMTABLES_MAX)
          .setMaxOpenFiles(OPEN_FILES_MAX)
          .setMaxBackgroundJobs(BACKGROUND_JOBS_MAX)
          .setBytesPerSync(BYTES_PER_SYNC)
          // Records are a few bytes of random ID: compressing them gains little, and costs at
          // start.
          .setCompressionType(CompressionType.NO_COMPRESSION)
          .setKeepLogFileNum(INFO_LOGS_MAX)
          .setMaxLogFileSize(INFO_LOG_BYTES_MAX)
          .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
          .setStatsDumpPeriodSec(0)
          .setTableFormatConfig(
              new BlockBasedTableConfig()
                  .setBlockCache(blockCache)
                  .setFilterPolicy(filter)
                  .setIndexType(IndexType.kTwoLevelIndexSearch)
                  .setPartitionFilters(true)
                  .setMetadataBlockSize(INDEX_PIECE_BYTES)
                  .setCacheIndexAndFilterBlocks(true)
                  .setPinTopLevelIndexAndFilter(true)
                  .setPinL0FilterAndIndexBlocksInCache(true));
  private final WriteOptions writes = new WriteOptions().setDisableWAL(true);

  /** Gives way when RocksDB falls behind with its compactions. */
  private final WriteOptions backgroundWrites =
      new WriteOptions().setDisableWAL(true).setLowPri(true);

  Options options() {
    return options;
  }

  WriteOptions writes() {
    return writes;
  }

  WriteOptions backgroundWrites() {
    return backgroundWrites;
  }

  RocksSettings createIfMissing(boolean create) {
    options.setCreateIfMissing(create);
    return this;
  }

  /** Returns options for reading everything once; the caller closes them. */
  static ReadOptions scan() {
    return new ReadOptions()
        .setVerifyChecksums(true)
        .setFillCache(false)
        .setReadaheadSize(SCAN_READAHEAD_BYTES);
  }

  @Override
  public void close() {
    writes.close();
    backgroundWrites.close();
    options.close();
    filter.close();
    blockCache.close();
  }
}
