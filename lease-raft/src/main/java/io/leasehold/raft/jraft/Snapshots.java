package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.LocalFileMetaOutter.FileSource;
import com.alipay.sofa.jraft.entity.LocalFileMetaOutter.LocalFileMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.leasehold.core.state.StateStoreException;
import io.leasehold.raft.FatalErrorHandler;
import io.leasehold.raft.storage.RocksStateStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots of the state: RocksDB checkpoints whose files carry checksums in the snapshot's list of
 * files.
 *
 * <p>Saving runs on the executor while entries go on being applied, so a snapshot may be ahead of
 * the index it is filed under; since the state carries its own applied index, the entries in
 * between are passed over when they come again. Loading runs on the apply thread.
 */
final class Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
  private static final String FOLDER = "state";
  private static final String TABLE_SUFFIX = ".sst";
  private static final int BUFFER_BYTES = 1 << 16;

  private final RocksStateStore store;
  private final Executor executor;
  private final FatalErrorHandler fatal;
  private final AtomicLong saved = new AtomicLong();
  private final AtomicLong loaded = new AtomicLong();

  /** Of the tables in the last snapshot. Executor only. */
  private Map<TableFile, String> checksums = Map.of();

  /** A table of the database as the file system knows it, under whatever name. */
  private record TableFile(Object fileKey, long bytes, FileTime written) {}

  Snapshots(RocksStateStore store, Executor executor, FatalErrorHandler fatal) {
    this.store = store;
    this.executor = executor;
    this.fatal = fatal;
  }

  /** Returns how many snapshots were written. Any thread. */
  long saved() {
    return saved.get();
  }

  /** Returns how often the state was replaced by that of a snapshot. Any thread. */
  long loaded() {
    return loaded.get();
  }

  void save(SnapshotWriter writer, Closure done) {
    executor.execute(() -> done.run(write(writer)));
  }

  private Status write(SnapshotWriter writer) {
    Path folder = Path.of(writer.getPath(), FOLDER);
    try {
      store.checkpoint(folder);
      Map<TableFile, String> checksumsNow = new HashMap<>();
      List<Path> files;
      try (Stream<Path> listed = Files.list(folder)) {
        files = listed.sorted().toList();
      }
      for (Path file : files) {
        LocalFileMeta meta =
            LocalFileMeta.newBuilder()
                .setSource(FileSource.FILE_SOURCE_LOCAL)
                .setChecksum(checksumOnce(file, checksumsNow))
                .build();
        if (!writer.addFile(FOLDER + "/" + file.getFileName(), meta)) {
          return new Status(RaftError.EIO, "cannot list %s in the snapshot", file);
        }
      }
      saved.incrementAndGet();
      checksums = checksumsNow;
      return Status.OK();
    } catch (IOException | StateStoreException e) {
      fatal.fail(folder + ": cannot write a snapshot: " + e.getMessage());
      return new Status(RaftError.EIO, "%s: %s", folder, e.getMessage());
    }
  }

  /**
   * Puts the snapshot in the state's place, unless the state is as new already; false when it
   * cannot be trusted.
   */
  boolean load(SnapshotReader reader, long snapshotIndex) {
    if (store.appliedIndex() >= snapshotIndex) {
      LOG.info(
          "keeping the state at index {}: the snapshot is at {}",
          store.appliedIndex(),
          snapshotIndex);
      return true;
    }
    Path folder = Path.of(reader.getPath(), FOLDER);
    try {
      for (String name : reader.listFiles()) {
        Path file = Path.of(reader.getPath(), name);
        String expected = ((LocalFileMeta) reader.getFileMeta(name)).getChecksum();
        String found = checksum(file);
        sync(file); // downloaded just now: nobody else has synced it
        if (!found.equals(expected)) {
          fatal.fail(
              file
                  + ": damaged: checksum "
                  + found
                  + " instead of "
                  + expected
                  + "; move the data directory aside and start the member once with --replace-member");
          return false;
        }
      }
      store.replaceWith(folder);
      loaded.incrementAndGet();
      LOG.info(
          "state replaced by the snapshot at index {}, now at {}",
          snapshotIndex,
          store.appliedIndex());
      return true;
    } catch (IOException | StateStoreException e) {
      fatal.fail(folder + ": cannot load the snapshot: " + e.getMessage());
      return false;
    }
  }

  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Returns a file's checksum, without reading what was in the last snapshot: most of a large state
   * is, and reading all of it takes as much of the processors as serving does. It is also what
   * finds a table that was damaged since.
   */
  private String checksumOnce(Path file, Map<TableFile, String> now) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    Object key = attributes.fileKey();
    // Tables never change, and are linked into each snapshot.
    if (key == null || !file.toString().endsWith(TABLE_SUFFIX)) {
      return checksum(file);
    }
    TableFile table = new TableFile(key, attributes.size(), attributes.lastModifiedTime());
    String known = checksums.get(table);
    String checksum = known == null ? checksum(file) : known;
    now.put(table, checksum);
    return checksum;
  }

  private static String checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        crc.update(buffer, 0, read);
      }
    }
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
