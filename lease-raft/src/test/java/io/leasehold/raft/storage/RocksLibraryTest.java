package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;

final class RocksLibraryTest {
  @TempDir Path temporary;

  /**
   * A JVM of its own, since a library is loaded once; it is killed, so that it tidies up nothing.
   */
  @Test
  void aKilledJvmLeavesNoLibraryBehind() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                LoadAndDie.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(jvm.waitFor()).as(said).isNotZero();
    assertThat(said).contains("loaded RocksDB");
    try (Stream<Path> left = Files.walk(temporary)) {
      assertThat(
              left.filter(
                  file ->
                      file.toString().contains("native") || file.toString().contains("rocksdb")))
          .isEmpty();
    }
  }

  /** What the JVM runs. */
  static final class LoadAndDie {
    private LoadAndDie() {}

    public static void main(String[] arguments) throws IOException {
      RocksLibrary.load();
      System.out.println("loaded RocksDB " + RocksDB.rocksdbVersion());
      Runtime.getRuntime().halt(1);
    }
  }
}
