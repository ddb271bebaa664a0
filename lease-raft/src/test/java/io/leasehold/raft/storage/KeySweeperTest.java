package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.HistoryHash;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyStore;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the keys of a lease whose end does not name them. */
@Timeout(120)
class KeySweeperTest {
  private static final KeyRange ALL = new KeyRange(Bytes.EMPTY, null);
  private static final long LEASE = 77;
  private static final long OTHER_LEASE = 78;

  /** Some pieces, the last not whole. */
  private static final int KEYS = 5 * KeySweeper.PIECE_KEYS + 7;

  /** At which the keys are put, and the one after it, at which they end. */
  private static final long PUT = 2;

  private static final long ENDED = 3;

  @TempDir Path temp;

  @Test
  void readersSeeTheSameWhateverIsSwept() {
    try (RocksStateStore store = RocksStateStore.open(temp.resolve("state"))) {
      endLease(store);
      int moments = 0;
      HistoryHash hash = null;
      while (true) {
        boolean wasSwept = isSwept(store);
        try (KeyReading reading = store.openKeys()) {
          checkEnded(reading);
          HistoryHash now = reading.hash(ENDED);
          assertThat(hash == null ? now : hash).isEqualTo(now);
          hash = now;
        }
        checkKeysEnded(store.keys().pending()); // whose history is not that of one moment
        moments++;
        if (wasSwept) {
          break;
        }
      }
      assertThat(moments).as("moments looked at").isGreaterThan(1);
      commit(store); // from now on it is named no longer
      try (KeyReading reading = store.openKeys()) {
        checkEnded(reading);
        assertThat(reading.hash(ENDED)).isEqualTo(hash);
      }
    }
  }

  @Test
  void theRowsAreInTheEndThoseOfKeysDeletedOneByOne() {
    HistoryHash swept;
    try (RocksStateStore store = RocksStateStore.open(temp.resolve("swept"))) {
      endLease(store);
      awaitSwept(store);
      commit(store);
      try (KeyReading reading = store.openKeys()) {
        swept = reading.hash(ENDED);
      }
    }
    try (RocksStateStore store = RocksStateStore.open(temp.resolve("named"))) {
      putKeys(store);
      List<KeyEvent> deletions = new ArrayList<>();
      for (int i = 0; i < KEYS; i++) {
        deletions.add(new KeyEvent.Deleted(key(i), ENDED));
      }
      store.keys().write(ENDED, deletions);
      store.keys().detachAll(LEASE);
      commit(store);
      try (KeyReading reading = store.openKeys()) {
        assertThat(reading.hash(ENDED)).isEqualTo(swept);
        checkEnded(reading);
      }
    }
  }

  @Test
  void sweepingGoesOnAfterARestart() {
    Path dir = temp.resolve("state");
    try (RocksStateStore store = RocksStateStore.open(dir)) {
      endLease(store);
    }
    int restarts = 0;
    boolean isSwept = false;
    while (!isSwept) {
      try (RocksStateStore store = RocksStateStore.open(dir);
          KeyReading reading = store.openKeys()) {
        checkEnded(reading);
        commit(store);
        isSwept = isSwept(store);
      }
      restarts++;
    }
    assertThat(restarts).isPositive();
    try (Database database = Database.open(dir)) {
      StoredKeys stored = new StoredKeys(database);
      assertThat(stored.countCurrent(ALL)).isEqualTo(1);
      List<Bytes> attached = new ArrayList<>();
      stored.forEachAttached(LEASE, attached::add);
      assertThat(attached).isEmpty();
      List<KeyEvent> events = new ArrayList<>();
      stored.forEachEvent(ENDED, ENDED, events::add);
      assertThat(events).hasSize(KEYS);
    }
  }

  @Test
  void aSnapshotThatIsHalfSweptIsSweptWhereItIsLoaded() {
    Path snapshot = temp.resolve("snapshot");
    try (RocksStateStore store = RocksStateStore.open(temp.resolve("one"))) {
      endLease(store);
      store.checkpoint(snapshot);
    }
    try (RocksStateStore store = RocksStateStore.open(temp.resolve("other"))) {
      endLease(store); // sweeps on its own when the other state comes
      store.replaceWith(snapshot);
      try (KeyReading reading = store.openKeys()) {
        checkEnded(reading);
      }
      awaitSwept(store);
      commit(store);
      try (KeyReading reading = store.openKeys()) {
        checkEnded(reading);
      }
    }
  }

  @Test
  void keysPutAnewWhileItIsSweptStay() {
    try (RocksStateStore store = RocksStateStore.open(temp.resolve("state"))) {
      endLease(store);
      long revision = ENDED;
      for (int i = KEYS - 1; i >= 0; i -= 10) {
        revision++;
        assertThat(store.keys().pending().get(key(i), revision - 1)).isNull();
        put(store, revision, key(i), OTHER_LEASE);
        commit(store);
      }
      awaitSwept(store);
      commit(store);
      try (KeyReading reading = store.openKeys()) {
        assertThat(reading.count(ALL, revision)).isEqualTo(1 + revision - ENDED);
        assertThat(reading.count(ALL, ENDED)).isEqualTo(1);
        for (int i = KEYS - 1; i >= 0; i -= 10) {
          assertThat(reading.get(key(i), revision)).isNotNull();
          assertThat(reading.get(key(i), ENDED)).isNull();
          assertThat(reading.get(key(i), PUT)).isNotNull();
        }
        assertThat(events(reading, ENDED)).hasSize(KEYS);
      }
    }
  }

  @Test
  void theIdMayBeTakenAgainAtOnce() {
    for (boolean isCommittedBetween : new boolean[] {true, false}) {
      Path dir = temp.resolve("state-" + isCommittedBetween);
      try (RocksStateStore store = RocksStateStore.open(dir)) {
        putKeys(store);
        store.keys().deleteAttached(ENDED, LEASE);
        if (isCommittedBetween) {
          commit(store);
        }
        Bytes again = key(3);
        Bytes fresh = Bytes.utf8("l/fresh");
        put(store, ENDED + 1, again, LEASE);
        put(store, ENDED + 2, fresh, LEASE);
        for (int look = 0; look < 2; look++) {
          KeyView pending = store.keys().pending();
          assertThat(attached(pending)).containsExactly(again, fresh);
          assertThat(pending.count(ALL, ENDED + 2)).isEqualTo(3);
          assertThat(events(pending, ENDED)).hasSize(KEYS);
          commit(store);
        }
        try (KeyReading reading = store.openKeys()) {
          assertThat(attached(reading)).containsExactly(again, fresh);
          assertThat(reading.get(again, ENDED)).isNull();
          assertThat(reading.get(again, PUT)).isNotNull();
          checkEnded(reading);
        }
      }
    }
  }

  @Test
  void leasesThatFindNoRoomToWaitEndAtOnce() {
    int leases = EndedLeases.UNSWEPT_MAX + 2;
    long lastRevision = 1 + 2L * leases;
    try (RocksStateStore store = RocksStateStore.open(temp.resolve("state"))) {
      for (int i = 0; i < leases; i++) {
        put(store, PUT + i, key(i), LEASE + i);
      }
      commit(store);
      for (int i = 0; i < leases; i++) {
        store.keys().deleteAttached(2L + leases + i, LEASE + i);
      }
      checkEndedOneByOne(store.keys().pending(), leases);
      commit(store);
      HistoryHash hash;
      try (KeyReading reading = store.openKeys()) {
        checkEndedOneByOne(reading, leases);
        hash = reading.hash(lastRevision);
      }
      awaitSwept(store);
      commit(store);
      try (KeyReading reading = store.openKeys()) {
        checkEndedOneByOne(reading, leases);
        assertThat(reading.hash(lastRevision)).isEqualTo(hash);
      }
    }
  }

  /** A key of each lease was put at a revision of its own, and then each ended at one. */
  private static void checkEndedOneByOne(KeyView view, int leases) {
    long lastPut = 1L + leases;
    assertThat(view.count(ALL, lastPut)).isEqualTo(leases);
    assertThat(view.count(ALL, lastPut + leases)).isZero();
    for (int i = 0; i < leases; i++) {
      long ended = lastPut + i + 1;
      assertThat(view.get(key(i), ended - 1)).isNotNull();
      assertThat(view.get(key(i), ended)).isNull();
      assertThat(events(view, ended)).containsExactly(new KeyEvent.Deleted(key(i), ended));
    }
  }

  @Test
  void aCompactionBehindTheEndGivesItsKeysUp() throws Exception {
    Path dir = temp.resolve("state");
    try (RocksStateStore store = RocksStateStore.open(dir)) {
      endLease(store);
      put(store, ENDED + 1, key(0), 0);
      store.keys().compact(ENDED + 1);
      commit(store);
      assertThat(RocksKeyStoreTest.scrubbed(store, ENDED + 1)).isTrue();
      assertThat(isSwept(store)).isTrue();
    }
    try (Database database = Database.open(dir)) {
      List<Bytes> left = new ArrayList<>();
      new StoredKeys(database).forEachVersion(row -> left.add(KeyCodec.keyOfVersion(row.key())));
      assertThat(left).containsExactly(key(0), Bytes.utf8("z"));
    }
  }

  // ---------------------------------------------------------------- what is looked at

  /** Of the moment right after the end, whatever came later. */
  private static void checkEnded(KeyView view) {
    checkKeysEnded(view);
    checkEvents(view);
  }

  private static void checkKeysEnded(KeyView view) {
    assertThat(view.get(key(1), ENDED)).isNull();
    assertThat(view.get(key(1), PUT)).isNotNull();
    assertThat(view.count(ALL, PUT)).isEqualTo(KEYS + 1);
    assertThat(view.count(ALL, ENDED)).isEqualTo(1);
    List<KeyValue> alive = new ArrayList<>();
    view.forEach(ALL, ENDED, alive::add);
    assertThat(alive).extracting(KeyValue::key).containsExactly(Bytes.utf8("z"));
  }

  private static void checkEvents(KeyView view) {
    List<KeyEvent> events = events(view, ENDED);
    assertThat(events).hasSize(KEYS);
    for (int i = 0; i < KEYS; i++) {
      assertThat(events.get(i)).isEqualTo(new KeyEvent.Deleted(key(i), ENDED));
    }
    List<KeyEvent> first = new ArrayList<>();
    view.forEachEvent(
        ENDED,
        ENDED,
        event -> {
          first.add(event);
          return first.size() < 2;
        });
    assertThat(first).isEqualTo(events.subList(0, 2));
  }

  private static List<KeyEvent> events(KeyView view, long revision) {
    List<KeyEvent> events = new ArrayList<>();
    view.forEachEvent(revision, revision, events::add);
    return events;
  }

  private static List<Bytes> attached(KeyView view) {
    List<Bytes> attached = new ArrayList<>();
    view.forEachAttached(LEASE, attached::add);
    return attached;
  }

  // ---------------------------------------------------------------- what is done

  private static void endLease(RocksStateStore store) {
    putKeys(store);
    assertThat(attached(store.keys().pending())).hasSize(KEYS);
    store.keys().deleteAttached(ENDED, LEASE);
    assertThat(attached(store.keys().pending())).isEmpty();
    commit(store);
  }

  private static void putKeys(RocksStateStore store) {
    KeyStore keys = store.keys();
    List<KeyEvent> events = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      events.add(event(key(i), PUT, LEASE));
    }
    events.add(event(Bytes.utf8("z"), PUT, 0));
    keys.write(PUT, events);
    for (int i = 0; i < KEYS; i++) {
      keys.attach(LEASE, key(i));
    }
    commit(store);
  }

  private static void put(RocksStateStore store, long revision, Bytes key, long leaseId) {
    store.keys().write(revision, List.of(event(key, revision, leaseId)));
    if (leaseId != 0) {
      store.keys().attach(leaseId, key);
    }
  }

  private static KeyEvent event(Bytes key, long revision, long leaseId) {
    return new KeyEvent.Put(
        new KeyValue(key, Bytes.utf8("v" + revision), revision, revision, 1, leaseId));
  }

  private static void commit(RocksStateStore store) {
    store.commit(store.appliedIndex() + 1, 1);
  }

  private static boolean isSwept(RocksStateStore store) {
    return store.figures().get("unswept_leases") == 0;
  }

  private static void awaitSwept(RocksStateStore store) {
    while (!isSwept(store)) {
      Thread.onSpinWait();
    }
  }

  private static Bytes key(int i) {
    return Bytes.utf8(String.format(Locale.ROOT, "l/%05d", i));
  }
}
