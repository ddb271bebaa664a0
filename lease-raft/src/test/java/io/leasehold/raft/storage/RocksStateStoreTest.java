package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.StateStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RocksStateStoreTest {
  @TempDir Path temp;

  private Path dir() {
    return temp.resolve("state");
  }

  @Test
  void whatWasCommittedIsThereAfterReopening() {
    MemberRecord n1 = new MemberRecord("n1", "abc", List.of("http://a:1", "http://b:2"));
    MemberRecord n2 = new MemberRecord("größe", "def", List.of());
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(store.appliedIndex()).isZero();
      assertThat(store.leaseTimeMillis()).isZero();
      store.putLease(1, 2_000, 0);
      store.putLease(-5, 9_000_000_000_000L, 77);
      store.putLeaseTime(5);
      store.putLeaseTime(80);
      store.putLease(Long.MIN_VALUE, 3_000, 1);
      store.putLease(8, 3_000, 1);
      store.deleteLease(8);
      store.putMember(n2);
      store.putMember(n1);
      store.commit(41, 7);
    }
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(store.appliedIndex()).isEqualTo(41);
      assertThat(store.appliedTerm()).isEqualTo(7);
      assertThat(store.leaseTimeMillis()).isEqualTo(80);
      assertThat(leases(store))
          .containsOnly(
              Map.entry(1L, List.of(2_000L, 0L)),
              Map.entry(-5L, List.of(9_000_000_000_000L, 77L)),
              Map.entry(Long.MIN_VALUE, List.of(3_000L, 1L)));
      List<MemberRecord> members = new ArrayList<>();
      store.forEachMember(members::add);
      assertThat(members).containsExactly(n2, n1).doesNotContainNull();
    }
  }

  @Test
  void defragmentingGivesBackTheSpaceOfWhatWasDeleted() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      for (long id = 1; id <= 50_000; id++) {
        store.putLease(id, 2_000 + id, id);
      }
      store.commit(1, 1);
      store.defragment();
      long full = store.figures().getOrDefault("sst_bytes", 0L);
      assertThat(full).isPositive();
      for (long id = 2; id <= 50_000; id++) {
        store.deleteLease(id);
      }
      store.commit(2, 1);
      store.defragment();
      assertThat(store.figures().get("sst_bytes")).isLessThan(full / 4);
      assertThat(leases(store)).containsOnlyKeys(1L);
    }
  }

  @Test
  void closingEndsADefragmentation() throws Exception {
    RocksStateStore store = RocksStateStore.open(dir());
    for (long id = 1; id <= 50_000; id++) {
      store.putLease(id, 2_000 + id, id);
    }
    store.commit(1, 1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread defragmenting =
        new Thread(
            () -> {
              try {
                while (true) {
                  store.defragment();
                }
              } catch (StateStoreException closed) {
                // What it was waiting for.
              } catch (RuntimeException | Error e) {
                failure.set(e);
              }
            });
    defragmenting.start();
    store.close();
    defragmenting.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void whatWasNotCommittedNeverHappened() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      store.putLease(1, 2_000, 0);
      store.commit(1, 1);
      store.putLease(2, 2_000, 0);
      assertThat(leases(store)).containsOnlyKeys(1L);
    }
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(leases(store)).containsOnlyKeys(1L);
    }
  }

  /** The copy is what the disk holds if the process dies now. */
  @Test
  void aCrashLeavesSomeEarlierCommitAndNeverAMixture() throws IOException {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      // Commit i leaves exactly the leases 10 i and 10 i + 1. Enough of them for flushes on the
      // way.
      int commits = 250_000;
      for (int i = 1; i <= commits; i++) {
        if (i > 1) {
          store.deleteLease(10L * (i - 1));
          store.deleteLease(10L * (i - 1) + 1);
        }
        store.putLease(10L * i, 2_000, 0);
        store.putLease(10L * i + 1, 2_000, 0);
        store.commit(i, 1);
      }
      Path crashed = temp.resolve("crashed");
      copyAsACrashWould(dir(), crashed);
      try (RocksStateStore after = RocksStateStore.open(crashed)) {
        long index = after.appliedIndex();
        assertThat(index).isBetween(1L, (long) commits - 1);
        assertThat(leases(after)).containsOnlyKeys(10 * index, 10 * index + 1);
      }
    }
  }

  @Test
  void aCheckpointTakenWhileWritingIsSomeCommitNotOlderThanTheCall() throws Exception {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      for (int round = 0; round < 5; round++) {
        Path target = temp.resolve("snapshot-" + round);
        store.putLease(-1 - round, 2_000, 0);
        store.commit(store.appliedIndex() + 1, 1);
        long before = store.appliedIndex();
        Thread taker =
            new Thread(
                () -> {
                  try {
                    store.checkpoint(target);
                  } catch (RuntimeException e) {
                    failure.set(e);
                  }
                });
        taker.start();
        while (taker.isAlive()) {
          long next = store.appliedIndex() + 1;
          store.putLease(next, next, 0);
          store.commit(next, 1);
        }
        taker.join();
        assertThat(failure.get()).isNull();
        try (RocksStateStore copy = RocksStateStore.open(target)) {
          assertThat(copy.appliedIndex()).isBetween(before, store.appliedIndex());
          Map<Long, List<Long>> found = leases(copy);
          assertThat(found.keySet()).allMatch(id -> id <= copy.appliedIndex());
          assertThat(found).containsKey(-1L - round);
          assertThat(found.size()).isEqualTo((int) copy.appliedIndex());
        }
      }
    }
  }

  @Test
  void aCheckpointIntoAnExistingDirectoryIsRefused() throws IOException {
    Path target = Files.createDirectory(temp.resolve("taken"));
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertFailsInOneLine(() -> store.checkpoint(target), target);
      store.putLease(1, 2_000, 0);
      store.commit(1, 1);
    }
  }

  @Test
  void aSnapshotReplacesTheStateAndStaysAsItIs() throws IOException {
    Path snapshot = temp.resolve("snapshot");
    try (RocksStateStore other = RocksStateStore.open(temp.resolve("other"))) {
      other.putLease(7, 5_000, 6);
      other.commit(100, 9);
      other.checkpoint(snapshot);
    }
    Map<String, byte[]> before = contents(snapshot);
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      store.putLease(1, 2_000, 0);
      store.commit(3, 2);
      store.putLease(2, 2_000, 0); // never committed
      store.replaceWith(snapshot);
      assertThat(store.appliedIndex()).isEqualTo(100);
      assertThat(store.appliedTerm()).isEqualTo(9);
      store.deleteLease(7);
      store.putLease(8, 5_000, 0);
      store.commit(101, 9);
      store.replaceWith(snapshot);
      store.putLease(9, 5_000, 0);
      store.commit(101, 9);
      assertThat(leases(store)).containsOnlyKeys(7L, 9L);
    }
    Map<String, byte[]> after = contents(snapshot);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(leases(store)).containsOnlyKeys(7L, 9L);
    }
  }

  @Test
  void aReplacementCutOffByACrashLeavesTheOldStateOrTheNew() throws IOException {
    for (String crash : List.of("while filling", "between the renames", "before the clean-up")) {
      Path root = Files.createDirectory(temp.resolve(crash.replace(' ', '-')));
      Path state = root.resolve("state");
      Path other = root.resolve("other");
      storeWithLease(state, 1);
      storeWithLease(other, 2);
      long expected = 1;
      switch (crash) {
        case "while filling" -> {
          Files.createDirectory(root.resolve("state.incoming"));
          Files.writeString(root.resolve("state.incoming").resolve("CURRENT"), "MANIF");
        }
        case "between the renames" -> {
          Files.move(state, root.resolve("state.outgoing"));
          Files.move(other, root.resolve("state.incoming"));
        }
        default -> {
          Files.move(state, root.resolve("state.outgoing"));
          Files.move(other, state);
          expected = 2;
        }
      }
      try (RocksStateStore store = RocksStateStore.open(state)) {
        assertThat(leases(store)).as(crash).containsOnlyKeys(expected);
      }
      assertThat(root.resolve("state.incoming")).doesNotExist();
      assertThat(root.resolve("state.outgoing")).doesNotExist();
    }
  }

  @Test
  void aDamagedSnapshotIsRefusedBeforeTheOldStateIsTouched() throws IOException {
    Path snapshot = temp.resolve("snapshot");
    storeWithLease(temp.resolve("other"), 2);
    try (RocksStateStore other = RocksStateStore.open(temp.resolve("other"))) {
      other.checkpoint(snapshot);
    }
    flipByte(anyTable(snapshot), 10);
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      store.putLease(1, 2_000, 0);
      store.commit(1, 1);
      assertFailsInOneLine(() -> store.replaceWith(snapshot), dir());
      store.putLease(3, 2_000, 0);
      store.commit(2, 1);
      assertThat(leases(store)).containsOnlyKeys(1L, 3L);
    }
  }

  @Test
  void aFlippedByteAnywhereInATableIsNoticed() throws IOException {
    storeWithLeases(dir(), 2_000);
    Path table = anyTable(dir());
    long bytes = Files.size(table);
    for (long at = 0; at < bytes; at += Math.max(1, bytes / 40)) {
      Path copy = temp.resolve("flipped-" + at);
      copyAsACrashWould(dir(), copy);
      flipByte(copy.resolve(table.getFileName()), at);
      // The filter of properties that nobody reads may be hit: then everything must still be there.
      try (RocksStateStore store = RocksStateStore.open(copy)) {
        assertThat(leases(store)).hasSize(2_000);
      } catch (StateStoreException e) {
        assertThat(e.getMessage()).contains(copy.toString()).doesNotContain("\n");
      }
    }
  }

  @Test
  void aFlippedByteInTheRecordsIsRefusedInOneLine() throws IOException {
    storeWithLeases(dir(), 2_000);
    flipByte(anyTable(dir()), 2_000);
    assertFailsInOneLine(
        () -> {
          try (RocksStateStore store = RocksStateStore.open(dir())) {
            leases(store);
          }
        },
        dir());
  }

  @Test
  void missingAndCutFilesAreRefusedAndNothingIsDestroyed() throws IOException {
    storeWithLeases(dir(), 2_000);
    for (String damage :
        List.of(
            "no CURRENT", "no manifest", "no table", "cut table", "cut manifest", "junk CURRENT")) {
      Path copy = temp.resolve(damage.replace(' ', '-'));
      copyAsACrashWould(dir(), copy);
      switch (damage) {
        case "no CURRENT" -> Files.delete(copy.resolve("CURRENT"));
        case "no manifest" -> Files.delete(manifest(copy));
        case "no table" -> Files.delete(anyTable(copy));
        case "cut table" -> cut(anyTable(copy));
        case "cut manifest" -> cut(manifest(copy));
        default -> Files.writeString(copy.resolve("CURRENT"), "nonsense\n");
      }
      Map<String, byte[]> tables = tables(copy);
      assertFailsInOneLine(() -> RocksStateStore.open(copy).close(), copy);
      assertThat(tables(copy).keySet()).as(damage).isEqualTo(tables.keySet());
    }
  }

  @Test
  void aRecordOfAnotherLayoutIsRefused() {
    assertThatThrownBy(() -> StateCodec.ttlMillis(new byte[17]))
        .hasMessageContaining("layout 0, this version reads 1");
    byte[] lease = StateCodec.lease(5, 4);
    assertThat(StateCodec.ttlMillis(lease)).isEqualTo(5);
    assertThat(StateCodec.endMillis(lease)).isEqualTo(4);
    assertThat(lease[0]).as("a layout that members without lease time refuse").isEqualTo((byte) 2);
    assertThat(StateCodec.lease(5, 0)[0]).isEqualTo((byte) 1);
    lease[0] = 1; // as they wrote it
    assertThat(StateCodec.endMillis(lease)).isEqualTo(4);
    assertThatThrownBy(() -> StateCodec.endMillis(StateCodec.lease(5, -4)))
        .hasMessageContaining("ends after -4 ms");
    assertThatThrownBy(() -> StateCodec.leaseTimeMillis(StateCodec.leaseTime(-1)))
        .hasMessageContaining("a lease time of -1 ms");
    assertThatThrownBy(() -> StateCodec.ttlMillis(new byte[] {1, 2}))
        .hasMessageContaining("a value of 2 bytes");
    assertThatThrownBy(() -> StateCodec.ttlMillis(StateCodec.lease(-1, 0)))
        .hasMessageContaining("a TTL of -1 ms");
    assertThatThrownBy(() -> StateCodec.leaseId(new byte[] {2, 0}))
        .hasMessageContaining("a lease's key of 2 bytes");
    byte[] member = StateCodec.member(new MemberRecord("n", "i", List.of("u")));
    for (int length = 0; length < member.length - 1; length++) {
      byte[] cut = java.util.Arrays.copyOf(member, length);
      // A record cut just before its last string is a shorter record; tables have checksums.
      try {
        assertThat(StateCodec.member(cut).name()).isEqualTo("n");
      } catch (StateCodec.DamagedValueException e) {
        assertThat(e).hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void aSecondOpenOfTheSameDirectoryIsRefused() {
    RocksStateStore store = RocksStateStore.open(dir());
    assertFailsInOneLine(() -> RocksStateStore.open(dir()), dir());
    store.close();
  }

  @Test
  void aSecondWriterIsABug() throws InterruptedException {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      store.putLease(1, 2_000, 0);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread second =
          new Thread(
              () -> {
                try {
                  store.commit(1, 1);
                } catch (IllegalStateException e) {
                  thrown.set(e);
                }
              });
      second.start();
      second.join();
      assertThat(thrown.get()).hasMessageContaining("written by");
    }
  }

  @Test
  void afterClosingEverythingIsRefusedAndClosingAgainIsHarmless() {
    RocksStateStore store = RocksStateStore.open(dir());
    store.putLease(1, 2_000, 0);
    store.close();
    store.close();
    assertThat(store.figures()).isEmpty();
    assertThat(store.sizeBytes()).isZero();
    assertFailsInOneLine(() -> store.putLease(1, 2_000, 0), dir());
    assertFailsInOneLine(() -> store.commit(1, 1), dir());
    assertFailsInOneLine(() -> leases(store), dir());
    assertFailsInOneLine(() -> store.checkpoint(temp.resolve("late")), dir());
  }

  @Test
  void theAppliedIndexNeverGoesBack() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      store.commit(5, 1);
      assertThatThrownBy(() -> store.commit(4, 1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void figuresNameWhatIsWorthWatching() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(store.figures())
          .containsKeys(
              "memtable_bytes", "sst_bytes", "pending_compaction_bytes", "background_errors");
      assertThat(store.sizeBytes()).isPositive();
    }
  }

  private static void assertFailsInOneLine(Runnable action, Path named) {
    assertThatThrownBy(action::run)
        .isInstanceOf(StateStoreException.class)
        .hasMessageContaining(named.toString())
        .hasMessageNotContaining("\n");
  }

  private static Map<Long, List<Long>> leases(RocksStateStore store) {
    Map<Long, List<Long>> leases = new HashMap<>();
    store.forEachLease((id, ttl, end) -> leases.put(id, List.of(ttl, end)));
    return leases;
  }

  private static void storeWithLease(Path dir, long leaseId) {
    try (RocksStateStore store = RocksStateStore.open(dir)) {
      store.putLease(leaseId, 2_000, 0);
      store.commit(leaseId, 1);
    }
  }

  private static void storeWithLeases(Path dir, int count) {
    try (RocksStateStore store = RocksStateStore.open(dir)) {
      for (int i = 1; i <= count; i++) {
        store.putLease(i, 2_000, 0);
      }
      store.commit(1, 1);
    }
  }

  private static void copyAsACrashWould(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static Path manifest(Path dir) throws IOException {
    return named(dir, "MANIFEST-", "");
  }

  private static Path anyTable(Path dir) throws IOException {
    return named(dir, "", ".sst");
  }

  private static Path named(Path dir, String start, String end) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(start))
          .filter(file -> file.getFileName().toString().endsWith(end))
          .findFirst()
          .orElseThrow();
    }
  }

  private static Map<String, byte[]> tables(Path dir) throws IOException {
    Map<String, byte[]> tables = contents(dir);
    tables.keySet().removeIf(name -> !name.endsWith(".sst"));
    return tables;
  }

  private static Map<String, byte[]> contents(Path dir) throws IOException {
    Map<String, byte[]> contents = new HashMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }

  private static void cut(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
  }

  private static void flipByte(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 0x40;
    Files.delete(file); // tables are hard-linked: damage this name only
    Files.write(file, bytes);
  }
}
