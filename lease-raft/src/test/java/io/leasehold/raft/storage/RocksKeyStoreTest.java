package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.HistoryHash;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.StateStoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RocksKeyStoreTest {
  private static final KeyRange ALL = new KeyRange(Bytes.EMPTY, null);
  private static final long LEASE = -7;

  @TempDir Path temp;

  private Path dir() {
    return temp.resolve("state");
  }

  @Test
  void keysHistoryAttachmentsAndNumbersAreThereAfterReopening() {
    Bytes odd = Bytes.wrap(new byte[] {0, (byte) 0xff, 0});
    KeyValue first = keyValue(key(1), "a", 2, 2, 1, LEASE);
    KeyValue second = keyValue(key(1), "b", 2, 3, 2, LEASE);
    KeyValue other = keyValue(odd, "", 2, 2, 1, 0);
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(store.keys().pending().revision()).isEqualTo(1);
      assertThat(store.keys().keysHash()).isZero();
      store.keys().write(2, List.of(new KeyEvent.Put(other), new KeyEvent.Put(first)));
      store.keys().attach(LEASE, key(1));
      store.keys().attach(LEASE, key(2));
      store.keys().detach(LEASE, key(2));
      store.keys().write(3, List.of(new KeyEvent.Put(second), new KeyEvent.Deleted(odd, 3)));
      store.keys().putKeysHash(-99);
      store.commit(1, 1);
    }
    try (RocksStateStore store = RocksStateStore.open(dir());
        KeyReading reading = store.openKeys()) {
      assertThat(store.keys().keysHash()).isEqualTo(-99);
      for (KeyView view : List.of(reading, store.keys().pending())) {
        assertThat(view.revision()).isEqualTo(3);
        assertThat(view.compactedRevision()).isZero();
        assertThat(keys(view, ALL, 3)).containsExactly(second);
        assertThat(keys(view, ALL, 2)).containsExactly(other, first);
        assertThat(keys(view, ALL, 1)).isEmpty();
        assertThat(view.get(odd, 2)).isEqualTo(other);
        assertThat(view.get(odd, 3)).isNull();
        assertThat(attached(view, LEASE)).containsExactly(key(1));
        assertThat(events(view, 1, 3))
            .containsExactly(
                new KeyEvent.Put(other),
                new KeyEvent.Put(first),
                new KeyEvent.Put(second),
                new KeyEvent.Deleted(odd, 3));
      }
    }
  }

  @Test
  void whatWasNotCommittedNeverHappened() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      put(store, 2, key(1));
      store.commit(1, 1);
      put(store, 3, key(2));
      store.keys().attach(LEASE, key(2));
      store.keys().compact(2);
      store.keys().putKeysHash(5);
      store.putLease(LEASE, 2_000, 0);
      assertThat(keys(store.keys().pending(), ALL, 3)).hasSize(2);
      try (KeyReading reading = store.openKeys()) {
        assertThat(reading.revision()).isEqualTo(2);
        assertThat(keys(reading, ALL, 2)).hasSize(1);
      }
    }
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      KeyView view = store.keys().pending();
      assertThat(view.revision()).isEqualTo(2);
      assertThat(view.compactedRevision()).isZero();
      assertThat(store.keys().keysHash()).isZero();
      assertThat(keys(view, ALL, 2)).extracting(KeyValue::key).containsExactly(key(1));
      assertThat(attached(view, LEASE)).isEmpty();
      store.forEachLease((id, ttl, end) -> assertThat(id).isZero());
    }
  }

  @Test
  void revisionsFollowOneAnotherAndCompactionsAscend() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThatThrownBy(() -> put(store, 3, key(1))).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> store.keys().write(2, List.of()))
          .isInstanceOf(IllegalArgumentException.class);
      put(store, 2, key(1));
      assertThatThrownBy(() -> store.keys().compact(3))
          .isInstanceOf(IllegalArgumentException.class);
      store.keys().compact(2);
      assertThatThrownBy(() -> store.keys().compact(2))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theEndOfALeaseWithManyKeysLeavesThoseOfItsNeighbours() {
    for (int count : new int[] {3, 5_000}) {
      try (RocksStateStore store = RocksStateStore.open(temp.resolve("state-" + count))) {
        long[] leases = {Long.MIN_VALUE, -1, 1, Long.MAX_VALUE};
        List<KeyEvent> puts = new ArrayList<>();
        for (long lease : leases) {
          for (int i = 0; i < count; i++) {
            Bytes key = Bytes.utf8(lease + "/" + i);
            puts.add(new KeyEvent.Put(keyValue(key, "v", 2, 2, 1, lease)));
            store.keys().attach(lease, key);
          }
        }
        store.keys().write(2, puts);
        store.commit(1, 1);
        for (long lease : leases) {
          store.keys().attach(lease, key(1));
          store.keys().detachAll(lease);
          assertThat(attached(store.keys().pending(), lease)).isEmpty();
          store.keys().attach(lease, key(2));
          assertThat(attached(store.keys().pending(), lease)).containsExactly(key(2));
          store.commit(store.appliedIndex() + 1, 1);
          assertThat(attached(store.keys().pending(), lease)).containsExactly(key(2));
        }
        store.keys().detachAll(1);
        store.commit(9, 1);
        assertThat(attached(store.keys().pending(), -1)).containsExactly(key(2));
        assertThat(attached(store.keys().pending(), 1)).isEmpty();
      }
    }
  }

  @Test
  void theLeasesThatHaveKeysAreFound() {
    Set<Long> expected = new TreeSet<>();
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      for (long lease = -4_000; lease <= 4_000; lease += 2) {
        for (int i = 0; i <= Math.floorMod(lease, 7); i++) {
          store.keys().attach(lease, key(i));
        }
        expected.add(lease);
      }
      for (long lease : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
        store.keys().attach(lease, key(1));
        expected.add(lease);
      }
      store.commit(1, 1);
      store.keys().detachAll(4);
      expected.remove(4L);
      store.commit(2, 1);
    }
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      Set<Long> found = new TreeSet<>();
      store.keys().forEachLeaseWithKeys(found::add);
      assertThat(found).isEqualTo(expected);
    }
  }

  @Test
  void oneRevisionMayHaveMoreChangesThanARowOfHistoryHolds() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      List<KeyEvent> events = new ArrayList<>();
      for (int i = 0; i < 3 * KeyCodec.CHANGES_PER_ROW_MAX + 1; i++) {
        events.add(new KeyEvent.Put(keyValue(key(i), "v", 2, 2, 1, 0)));
      }
      store.keys().write(2, events);
      store.commit(1, 1);
      try (KeyReading reading = store.openKeys()) {
        assertThat(events(reading, 2, 2)).isEqualTo(events);
        assertThat(reading.count(ALL, 2)).isEqualTo(events.size());
        assertThat(reading.count(ALL, 1)).isZero();
        assertThat(keys(reading, ALL, 2)).hasSameSizeAs(events);
      }
    }
  }

  @Test
  void aVisitEndsWhenItsVisitorHasEnough() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      for (int i = 0; i < 100; i++) {
        put(store, 2 + i, key(i));
      }
      store.commit(1, 1);
      put(store, 102, key(100));
      try (KeyReading reading = store.openKeys()) {
        for (KeyView view : List.of(reading, store.keys().pending())) {
          List<KeyValue> some = new ArrayList<>();
          view.forEach(ALL, view.revision(), keyValue -> some.add(keyValue) && some.size() < 50);
          assertThat(some).hasSize(50);
          List<KeyEvent> events = new ArrayList<>();
          view.forEachEvent(2, view.revision(), event -> events.add(event) && events.size() < 3);
          assertThat(events).hasSize(3);
        }
      }
    }
  }

  @Test
  void aVisitorMayWriteWhatItVisits() {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      put(store, 2, key(1));
      put(store, 3, key(3));
      store.commit(1, 1);
      put(store, 4, key(5));
      List<Bytes> visited = new ArrayList<>();
      KeyView view = store.keys().pending();
      view.forEach(
          ALL,
          4,
          keyValue -> {
            visited.add(keyValue.key());
            put(store, view.revision() + 1, keyValue.key());
            return true;
          });
      assertThat(visited).containsExactly(key(1), key(3), key(5));
      assertThat(view.revision()).isEqualTo(7);
    }
  }

  @Test
  void aReadingShowsItsMomentWhateverHappensLater() throws Exception {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      for (int i = 2; i <= 10; i++) {
        put(store, i, key(1));
      }
      store.commit(1, 1);
      try (KeyReading reading = store.openKeys()) {
        List<KeyEvent> events = events(reading, 2, 10);
        HistoryHash hash = reading.hash(10);
        store.keys().write(11, List.of(new KeyEvent.Deleted(key(1), 11)));
        store.keys().compact(11);
        store.commit(2, 1);
        assertThat(scrubbed(store, 11)).isTrue();
        assertThat(reading.revision()).isEqualTo(10);
        assertThat(reading.compactedRevision()).isZero();
        assertThat(keys(reading, ALL, 10)).hasSize(1);
        assertThat(keys(reading, ALL, 5)).hasSize(1);
        assertThat(events(reading, 2, 10)).isEqualTo(events).hasSize(9);
        assertThat(reading.hash(10)).isEqualTo(hash);
      }
      try (KeyReading reading = store.openKeys()) {
        assertThat(keys(reading, ALL, 11)).isEmpty();
        assertThat(events(reading, 11, 11)).containsExactly(new KeyEvent.Deleted(key(1), 11));
      }
      assertThat(store.figures()).containsEntry("open_snapshots", 0L);
    }
  }

  // ---------------------------------------------------------------- scrubbing

  @Test
  void scrubbingLeavesWhatIsCurrentAtTheCompactionAndWhatIsNewer() throws Exception {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      put(store, 2, key(1));
      put(store, 3, key(2));
      put(store, 4, key(1));
      store.keys().write(5, List.of(new KeyEvent.Deleted(key(2), 5)));
      put(store, 6, key(3));
      put(store, 7, key(1));
      put(store, 8, key(1));
      store.commit(1, 1);
      store.keys().compact(6);
      store.commit(2, 1);
      assertThat(scrubbed(store, 6)).isTrue();
    }
    assertThat(versions(dir())).containsExactly("k1@8", "k1@7", "k1@4", "k3@6");
    assertThat(historyRevisions(dir())).containsExactly(6L, 7L, 8L);
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(keys(store.keys().pending(), ALL, 6)).hasSize(2);
      store.keys().compact(8);
      store.commit(3, 1);
      assertThat(scrubbed(store, 8)).isTrue();
    }
    assertThat(versions(dir())).containsExactly("k1@8", "k3@6");
    assertThat(historyRevisions(dir())).containsExactly(8L);
  }

  @Test
  void aKeyThatChangedVeryOftenIsScrubbedToo() throws Exception {
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      for (int revision = 2; revision <= 4_000; revision++) {
        put(store, revision, key(revision % 1_000 == 0 ? revision : 1));
      }
      store.keys().compact(4_000);
      store.commit(1, 1);
      assertThat(scrubbed(store, 4_000)).isTrue();
    }
    assertThat(versions(dir()))
        .containsExactly("k1@3999", "k1000@1000", "k2000@2000", "k3000@3000", "k4000@4000");
  }

  @Test
  void scrubbingThatWasCutOffGoesOnAfterReopening() throws Exception {
    int revisions = 150_000;
    int keys = 40_000;
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      for (int revision = 2; revision <= revisions; revision++) {
        put(store, revision, key(revision % keys));
      }
      store.commit(1, 1);
      store.keys().compact(revisions);
      store.commit(2, 1);
    }
    AtomicBoolean told = new AtomicBoolean();
    for (int cuts = 0; cuts < 3; cuts++) {
      try (RocksStateStore store = RocksStateStore.open(dir())) {
        store.whenScrubbed(revisions + 1, done -> told.set(!done));
      }
      assertThat(told.getAndSet(false)).isTrue();
    }
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      assertThat(scrubbed(store, revisions)).isTrue();
      try (KeyReading reading = store.openKeys()) {
        assertThat(reading.count(ALL, revisions)).isEqualTo(keys);
      }
    }
    assertThat(versions(dir())).hasSize(keys);
    assertThat(historyRevisions(dir())).containsExactly((long) revisions);
  }

  @Test
  void c106_theHashDoesNotDependOnHowFarScrubbingHasCome() throws Exception {
    HistoryHash scrubbed;
    HistoryHash untouched;
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      writeSome(store);
      store.keys().compact(20);
      store.commit(2, 1);
      assertThat(scrubbed(store, 20)).isTrue();
      try (KeyReading reading = store.openKeys()) {
        scrubbed = reading.hash(25);
        assertThat(reading.hash(26).hash()).isNotEqualTo(scrubbed.hash());
        assertThat(reading.hash(20).hash()).isNotEqualTo(scrubbed.hash());
      }
    }
    Path other = temp.resolve("other");
    try (RocksStateStore store = RocksStateStore.open(other)) {
      writeSome(store);
    }
    try (Database database = Database.open(other)) {
      VersionsHash hash = new VersionsHash(20, 25, EndedLeases.NONE);
      new StoredKeys(database).forEachVersion(hash::add);
      untouched = new HistoryHash(hash.value(), 20, 25);
    }
    assertThat(scrubbed).isEqualTo(untouched);
  }

  private static void writeSome(RocksStateStore store) {
    for (int revision = 2; revision <= 30; revision++) {
      if (revision % 5 == 0) {
        store
            .keys()
            .write(revision, List.of(new KeyEvent.Deleted(key((revision - 1) % 7), revision)));
      } else {
        put(store, revision, key(revision % 7));
      }
    }
    store.commit(1, 1);
  }

  // ---------------------------------------------------------------- snapshots and closing

  @Test
  void aSnapshotCarriesTheKeysAndEndsReadingsOfTheStateItReplaces() {
    Path snapshot = temp.resolve("snapshot");
    try (RocksStateStore other = RocksStateStore.open(temp.resolve("other"))) {
      put(other, 2, key(8));
      put(other, 3, key(9));
      other.keys().attach(LEASE, key(9));
      other.keys().putKeysHash(77);
      other.putAlarm(new AlarmRecord(-5, Alarm.CORRUPT));
      other.putAlarm(new AlarmRecord(6, Alarm.NO_SPACE));
      other.deleteAlarm(new AlarmRecord(6, Alarm.NO_SPACE));
      other.commit(50, 2);
      other.checkpoint(snapshot);
    }
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      put(store, 2, key(1));
      store.commit(1, 1);
      put(store, 3, key(2)); // never committed
      KeyReading before = store.openKeys();
      store.replaceWith(snapshot);
      KeyView view = store.keys().pending();
      assertThat(view.revision()).isEqualTo(3);
      assertThat(store.keys().keysHash()).isEqualTo(77);
      assertThat(keys(view, ALL, 3)).extracting(KeyValue::key).containsExactly(key(8), key(9));
      assertThat(attached(view, LEASE)).containsExactly(key(9));
      List<AlarmRecord> alarms = new ArrayList<>();
      store.forEachAlarm(alarms::add);
      assertThat(alarms).containsExactly(new AlarmRecord(-5, Alarm.CORRUPT));
      assertEnded(before);
      put(store, 4, key(1));
      store.commit(51, 2);
      try (KeyReading after = store.openKeys()) {
        assertThat(keys(after, ALL, 4)).hasSize(3);
      }
    }
  }

  @Test
  void closingTheStoreEndsItsReadings() {
    RocksStateStore store = RocksStateStore.open(dir());
    put(store, 2, key(1));
    store.commit(1, 1);
    KeyReading reading = store.openKeys();
    store.close();
    assertEnded(reading);
    assertThatThrownBy(store::openKeys).isInstanceOf(StateStoreException.class);
    AtomicReference<Boolean> told = new AtomicReference<>();
    store.whenScrubbed(0, told::set);
    assertThat(told).hasValue(false);
  }

  private void assertEnded(KeyReading reading) {
    assertThatThrownBy(() -> reading.get(key(1), 2))
        .isInstanceOf(StateStoreException.class)
        .hasMessageContaining(dir().toString())
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> keys(reading, ALL, 2)).isInstanceOf(StateStoreException.class);
    reading.close();
    reading.close();
  }

  /** Would crash the process if a reader met a closed database. */
  @Test
  void readersOnOtherThreadsSurviveCommitsReplacementsAndTheEnd() throws Exception {
    Path snapshot = temp.resolve("snapshot");
    try (RocksStateStore other = RocksStateStore.open(temp.resolve("other"))) {
      for (int i = 0; i < 2_000; i++) {
        put(other, 2 + i, key(i));
      }
      other.commit(1_000_000, 1);
      other.checkpoint(snapshot);
    }
    RocksStateStore store = RocksStateStore.open(dir());
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicLong read = new AtomicLong();
    List<CompletableFuture<Void>> readers =
        IntStream.range(0, 3)
            .mapToObj(i -> CompletableFuture.runAsync(() -> readUntil(store, isOver, read)))
            .toList();
    for (int round = 0; round < 20; round++) {
      store.replaceWith(snapshot);
      KeyView view = store.keys().pending();
      for (int i = 0; i < 50; i++) {
        put(store, view.revision() + 1, key(i));
        store.commit(store.appliedIndex() + 1, 1);
      }
      store.keys().compact(view.revision());
      store.commit(store.appliedIndex() + 1, 1);
    }
    store.close();
    isOver.set(true);
    for (CompletableFuture<Void> reader : readers) {
      reader.get(20, TimeUnit.SECONDS);
    }
    assertThat(read.get()).isPositive();
  }

  private static void readUntil(RocksStateStore store, AtomicBoolean isOver, AtomicLong read) {
    while (!isOver.get()) {
      try (KeyReading reading = store.openKeys()) {
        long revision = reading.revision();
        long count = reading.count(ALL, revision);
        assertThat(keys(reading, ALL, revision)).hasSize((int) count);
        read.addAndGet(count);
      } catch (StateStoreException e) {
        assertThat(e).hasMessageContaining("clos"); // of this reading, or of the store
      }
    }
  }

  // ---------------------------------------------------------------- damage

  @Test
  void damagedValuesAreRefusedInOneLine() throws Exception {
    damage(KeyCodec.currentKey(key(1)), new byte[] {1, 2, 3});
    try (RocksStateStore store = RocksStateStore.open(dir());
        KeyReading reading = store.openKeys()) {
      assertDamaged(() -> reading.get(key(1), 2), "a key's record of 3 bytes");
      assertDamaged(() -> keys(reading, ALL, 2), "a key's record of 3 bytes");
    }
    damage(KeyCodec.versionKey(key(1), 2), null);
    try (RocksStateStore store = RocksStateStore.open(dir());
        KeyReading reading = store.openKeys()) {
      assertDamaged(() -> events(reading, 2, 2), "revision 2 of a key");
    }
    damage(KeyCodec.numbersKey(), new byte[] {9});
    assertDamaged(() -> RocksStateStore.open(dir()).close(), "a value of layout 9");
  }

  /** What the scrubber finds stops the member at its next commit. */
  @Test
  void damagedHistoryStopsTheStoreOnceItIsScrubbed() throws Exception {
    damage(KeyCodec.historyKey(2, 0), new byte[] {1, 9});
    try (RocksStateStore store = RocksStateStore.open(dir())) {
      put(store, 3, key(1));
      store.keys().compact(3);
      store.commit(2, 1);
      assertThat(scrubbed(store, 3)).isFalse();
      assertDamaged(() -> store.commit(3, 1), "ends early");
    }
  }

  private void damage(byte[] row, byte[] value) throws Exception {
    Path dir = dir();
    if (!dir.toFile().exists()) {
      try (RocksStateStore store = RocksStateStore.open(dir)) {
        put(store, 2, key(1));
        store.commit(1, 1);
      }
    }
    try (Database database = Database.open(dir)) {
      if (value == null) {
        database.batch().delete(row);
      } else {
        database.batch().put(row, value);
      }
      database.commit();
    }
  }

  private void assertDamaged(Runnable action, String what) {
    assertThatThrownBy(action::run)
        .isInstanceOf(StateStoreException.class)
        .hasMessageContaining(dir().toString())
        .hasMessageContaining("damaged")
        .hasMessageContaining(what)
        .hasMessageNotContaining("\n");
  }

  // ---------------------------------------------------------------- words

  private static Bytes key(int number) {
    return Bytes.utf8("k" + number);
  }

  private static KeyValue keyValue(
      Bytes key, String value, long create, long mod, long version, long leaseId) {
    return new KeyValue(key, Bytes.utf8(value), create, mod, version, leaseId);
  }

  private static void put(RocksStateStore store, long revision, Bytes key) {
    KeyValue before = store.keys().pending().get(key, revision);
    KeyValue now =
        before == null
            ? keyValue(key, "v" + revision, revision, revision, 1, 0)
            : keyValue(
                key, "v" + revision, before.createRevision(), revision, before.version() + 1, 0);
    store.keys().write(revision, List.of(new KeyEvent.Put(now)));
  }

  static boolean scrubbed(RocksStateStore store, long revision) throws Exception {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    store.whenScrubbed(revision, done::complete);
    return done.get(30, TimeUnit.SECONDS);
  }

  private static List<KeyValue> keys(KeyView view, KeyRange range, long revision) {
    List<KeyValue> keys = new ArrayList<>();
    view.forEach(range, revision, keys::add);
    return keys;
  }

  private static List<KeyEvent> events(KeyView view, long first, long last) {
    List<KeyEvent> events = new ArrayList<>();
    view.forEachEvent(first, last, events::add);
    return events;
  }

  private static List<Bytes> attached(KeyView view, long leaseId) {
    List<Bytes> keys = new ArrayList<>();
    view.forEachAttached(leaseId, keys::add);
    return keys;
  }

  private static List<String> versions(Path dir) {
    List<String> versions = new ArrayList<>();
    try (Database database = Database.open(dir)) {
      new StoredKeys(database)
          .forEachVersion(
              row ->
                  versions.add(
                      KeyCodec.keyOfVersion(row.key())
                          + "@"
                          + KeyCodec.revisionOfVersion(row.key())));
    }
    return versions;
  }

  private static List<Long> historyRevisions(Path dir) {
    List<Long> revisions = new ArrayList<>();
    try (Database database = Database.open(dir)) {
      database.read(
          (db, moment) -> {
            byte[] end = KeyCodec.afterKind(StateCodec.KIND_HISTORY);
            try (Rows rows = new Rows(db, moment, new byte[] {StateCodec.KIND_HISTORY}, end)) {
              for (; rows.isAtRow(); rows.next()) {
                revisions.add(KeyCodec.revisionOfHistory(rows.key()));
              }
            }
            return revisions;
          });
    }
    return revisions;
  }
}
