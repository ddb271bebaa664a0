package io.leasehold.raft.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * RocksDB's native library, which its loader unpacks from the jar into a file.
 *
 * <p>The loader leaves the file for the JVM to delete when it exits, so each JVM that is killed
 * leaves 17 MB behind. Here the file is deleted as soon as it is loaded: the system keeps what is
 * mapped until the process ends.
 */
public final class RocksLibrary {
  /** The loader's own: where the library is unpacked to, for who cannot run code from elsewhere. */
  private static final String DIRECTORY_VARIABLE = "ROCKSDB_SHAREDLIB_DIR";

  private RocksLibrary() {}

  /**
   * Loads the library unless it is loaded. Any thread.
   *
   * @throws IOException if it cannot be unpacked
   * @throws UnsatisfiedLinkError if the system does not load it, as from a directory that is
   *     mounted so that nothing in it may be executed
   */
  public static synchronized void load() throws IOException {
    String given = System.getenv(DIRECTORY_VARIABLE);
    Path unpacked =
        given == null || given.isEmpty()
            ? Files.createTempDirectory("leasehold-native")
            : Files.createTempDirectory(Path.of(given), "leasehold-native");
    try {
      NativeLibraryLoader.getInstance().loadLibrary(unpacked.toString());
    } finally {
      delete(unpacked);
    }
    // Nothing is left for it to unpack.
    RocksDB.loadLibrary();
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      // A system that does not delete what is in use; the loader has asked the JVM to do it later.
    }
  }
}
