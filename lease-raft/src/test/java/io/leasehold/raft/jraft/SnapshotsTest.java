package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.LocalFileMetaOutter.LocalFileMeta;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.alipay.sofa.jraft.storage.snapshot.local.LocalSnapshotStorage;
import com.alipay.sofa.jraft.util.Endpoint;
import io.leasehold.raft.storage.RocksStateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotsTest {
  private static final long INDEX = 40;

  @TempDir Path root;
  private final List<String> fatalLines = new ArrayList<>();

  @Test
  void aSnapshotTakesThePlaceOfAnOlderState() throws IOException {
    LocalSnapshotStorage storage = saved();
    try (RocksStateStore target = RocksStateStore.open(root.resolve("target"))) {
      assertThat(load(target, storage)).isTrue();
      assertThat(target.appliedIndex()).isEqualTo(INDEX);
      List<Long> leases = new ArrayList<>();
      target.forEachLease((id, ttl, end) -> leases.add(id));
      assertThat(leases).containsExactly(7L);
    }
    assertThat(fatalLines).isEmpty();
  }

  @Test
  void aStateThatIsAsNewIsKept() throws IOException {
    LocalSnapshotStorage storage = saved();
    try (RocksStateStore target = RocksStateStore.open(root.resolve("target"))) {
      target.putLease(8, 60_000, 0);
      target.commit(INDEX, 2);
      assertThat(load(target, storage)).isTrue();
      List<Long> leases = new ArrayList<>();
      target.forEachLease((id, ttl, end) -> leases.add(id));
      assertThat(leases).containsExactly(8L);
    }
  }

  @Test
  void aDamagedFileIsRefusedAndNamed() throws IOException {
    LocalSnapshotStorage storage = saved();
    Path damaged;
    try (SnapshotReader reader = storage.open()) {
      String name =
          reader.listFiles().stream()
              .filter(file -> file.endsWith(".sst"))
              .findFirst()
              .orElseThrow();
      damaged = Path.of(reader.getPath(), name);
    }
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    try (RocksStateStore target = RocksStateStore.open(root.resolve("target"))) {
      assertThat(load(target, storage)).isFalse();
      assertThat(target.appliedIndex()).isZero();
    }
    assertThat(fatalLines).hasSize(1);
    assertThat(fatalLines.get(0)).contains(damaged.toString()).contains("damaged");
    assertThat(fatalLines.get(0).lines()).hasSize(1);
  }

  @Test
  void aTableKeepsTheChecksumThatItHadWhenItWasWritten() throws IOException {
    LocalSnapshotStorage storage =
        new LocalSnapshotStorage(root.resolve("snapshots").toString(), "", new RaftOptions());
    assertThat(storage.init(null)).isTrue();
    try (RocksStateStore source = RocksStateStore.open(root.resolve("source"))) {
      Snapshots snapshots = new Snapshots(source, Runnable::run, fatalLines::add);
      source.putLease(7, 60_000, 0);
      source.commit(INDEX, 2);
      Map<String, String> before = tablesOfNext(snapshots, storage);
      assertThat(before).hasSize(1);
      Path table = root.resolve("source").resolve(Path.of(only(before.keySet())).getFileName());
      FileTime written = Files.getLastModifiedTime(table);
      byte[] bytes = Files.readAllBytes(table);
      bytes[bytes.length / 2] ^= 1;
      Files.write(table, bytes);
      Files.setLastModifiedTime(table, written); // as if the disk had done it
      source.putLease(8, 60_000, 0);
      source.commit(INDEX + 1, 2);
      assertThat(tablesOfNext(snapshots, storage)).hasSize(2).containsAllEntriesOf(before);
    }
  }

  private static String only(Set<String> names) {
    return names.iterator().next();
  }

  /** Returns the checksums of the tables in the next snapshot, by name. */
  private static Map<String, String> tablesOfNext(
      Snapshots snapshots, LocalSnapshotStorage storage) {
    SnapshotWriter writer = storage.create();
    List<Status> saved = new ArrayList<>();
    snapshots.save(writer, saved::add);
    assertThat(saved).hasSize(1).allMatch(Status::isOk);
    Map<String, String> tables = new TreeMap<>();
    for (String name : writer.listFiles()) {
      if (name.endsWith(".sst")) {
        tables.put(name, ((LocalFileMeta) writer.getFileMeta(name)).getChecksum());
      }
    }
    return tables;
  }

  private LocalSnapshotStorage saved() throws IOException {
    LocalSnapshotStorage storage =
        new LocalSnapshotStorage(root.resolve("snapshots").toString(), "", new RaftOptions());
    assertThat(storage.init(null)).isTrue();
    storage.setServerAddr(new Endpoint("localhost", 1));
    try (RocksStateStore source = RocksStateStore.open(root.resolve("source"))) {
      source.putLease(7, 60_000, 0);
      source.commit(INDEX, 2);
      SnapshotWriter writer = storage.create();
      List<Status> saved = new ArrayList<>();
      new Snapshots(source, Runnable::run, fatalLines::add).save(writer, saved::add);
      assertThat(saved).hasSize(1).allMatch(Status::isOk);
      writer.saveMeta(
          SnapshotMeta.newBuilder().setLastIncludedIndex(INDEX).setLastIncludedTerm(2).build());
      writer.close();
    }
    return storage;
  }

  private boolean load(RocksStateStore target, LocalSnapshotStorage storage) throws IOException {
    Snapshots snapshots = new Snapshots(target, Runnable::run, fatalLines::add);
    long before = target.appliedIndex();
    try (SnapshotReader reader = storage.open()) {
      boolean isTrusted = snapshots.load(reader, reader.load().getLastIncludedIndex());
      assertThat(snapshots.loaded()).isEqualTo(target.appliedIndex() == before ? 0 : 1);
      return isTrusted;
    }
  }
}
