package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB's own batch is the yardstick. */
class RowBatchTest {
  /** Around the lengths from which a varint takes one byte more. */
  private static final int[] LENGTHS = {0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152};

  private static final int ROUNDS = 40;
  private static final int ROWS = 60;

  @TempDir private Path dir;

  private final RowBatch ours = new RowBatch();

  @BeforeAll
  static void loadRocks() throws IOException {
    RocksLibrary.load();
  }

  @Test
  void isByteForByteWhatRocksDbsBatchIs() throws RocksDBException {
    try (WriteBatch theirs = new WriteBatch()) {
      for (int length : LENGTHS) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        byte[] key = {1, 2, 3};
        ours.put(key, bytes);
        theirs.put(key, bytes);
        ours.put(bytes, key);
        theirs.put(bytes, key);
        ours.delete(bytes);
        theirs.delete(bytes);
        ours.deleteRange(key, bytes);
        theirs.deleteRange(key, bytes);
        assertSame(theirs);
      }
    }
  }

  @Test
  void isEmptyOnceItIsCleared() throws RocksDBException {
    ours.put(new byte[] {1}, new byte[3_000_000]);
    ours.clear();
    assertStartsOver();
  }

  private void assertStartsOver() throws RocksDBException {
    try (WriteBatch theirs = new WriteBatch()) {
      assertSame(theirs);
      ours.put(new byte[] {2}, new byte[] {3});
      theirs.put(new byte[] {2}, new byte[] {3});
      assertSame(theirs);
    }
  }

  @Test
  void rowsThatAreTooManyForAnArrayAreHandedOverInOrder() throws RocksDBException {
    byte[] value = new byte[3 << 20];
    try (WriteBatch theirs = new WriteBatch()) {
      for (byte i = 0; i < 10; i++) {
        byte[] key = {i};
        byte[] before = {(byte) (i / 2)};
        ours.put(key, value);
        theirs.put(key, value);
        ours.delete(before);
        theirs.delete(before);
        ours.deleteRange(before, key);
        theirs.deleteRange(before, key);
      }
      assertSame(theirs);
    }
    ours.clear();
    assertStartsOver();
  }

  @Test
  void whatWasHandedOverIsForgottenWhenItIsCleared() throws RocksDBException {
    for (byte i = 0; i < 10; i++) {
      ours.put(new byte[] {i}, new byte[3 << 20]);
    }
    ours.clear();
    assertStartsOver();
  }

  @Test
  void rocksDbReadsBackWhatItWouldReadOfItsOwnBatch() throws RocksDBException {
    Random random = new Random(1);
    try (Options options = new Options().setCreateIfMissing(true);
        WriteOptions writes = new WriteOptions().setDisableWAL(true);
        RocksDB our = RocksDB.open(options, dir.resolve("ours").toString());
        RocksDB their = RocksDB.open(options, dir.resolve("theirs").toString())) {
      for (int round = 0; round < ROUNDS; round++) {
        try (WriteBatch theirs = new WriteBatch()) {
          for (int row = 0; row < ROWS; row++) {
            add(random, theirs);
          }
          try (WriteBatch made = ours.toWriteBatch()) {
            our.write(writes, made);
          }
          their.write(writes, theirs);
          ours.clear();
        }
        assertThat(rows(our)).isNotEmpty().isEqualTo(rows(their));
      }
    }
  }

  private void add(Random random, WriteBatch theirs) throws RocksDBException {
    byte[] key = {(byte) random.nextInt(100)};
    switch (random.nextInt(12)) {
      case 0 -> {
        byte[] before = {(byte) (key[0] + random.nextInt(5))};
        ours.deleteRange(key, before);
        theirs.deleteRange(key, before);
      }
      case 1, 2, 3, 4 -> {
        ours.delete(key);
        theirs.delete(key);
      }
      default -> {
        byte[] value = new byte[random.nextInt(300)];
        random.nextBytes(value);
        ours.put(key, value);
        theirs.put(key, value);
      }
    }
  }

  private static Map<Integer, String> rows(RocksDB db) throws RocksDBException {
    Map<Integer, String> rows = new TreeMap<>();
    try (RocksIterator iterator = db.newIterator()) {
      for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
        rows.put((int) iterator.key()[0], HexFormat.of().formatHex(iterator.value()));
      }
      iterator.status();
    }
    return rows;
  }

  private void assertSame(WriteBatch theirs) throws RocksDBException {
    try (WriteBatch made = ours.toWriteBatch()) {
      assertThat(made.count()).isEqualTo(theirs.count());
      assertThat(made.data()).isEqualTo(theirs.data());
    }
  }
}
