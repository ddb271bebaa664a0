package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyValue;
import io.leasehold.raft.storage.KeyCodec.Change;
import io.leasehold.raft.storage.KeyCodec.Numbers;
import io.leasehold.raft.storage.KeyCodec.Scrubbed;
import io.leasehold.raft.storage.StateCodec.DamagedValueException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyCodecTest {
  private static final long SEED = 20_261_122;
  private static final int ROUNDS = 100_000;

  private final Random random = new Random(SEED);

  @Test
  void versionsAreInOrderOfKeysAndTheNewestFirst() {
    for (int round = 0; round < ROUNDS; round++) {
      Bytes key = randomKey();
      Bytes other = random.nextInt(3) == 0 ? key : randomKey();
      long revision = randomRevision();
      long otherRevision = randomRevision();
      int byKey = key.compareTo(other);
      int expected = byKey != 0 ? byKey : Long.compare(otherRevision, revision);
      byte[] row = KeyCodec.versionKey(key, revision);
      byte[] otherRow = KeyCodec.versionKey(other, otherRevision);
      assertThat(Integer.signum(Arrays.compareUnsigned(row, otherRow)))
          .as("%s at %d, %s at %d", key, revision, other, otherRevision)
          .isEqualTo(Integer.signum(expected));
      assertThat(KeyCodec.isSameKey(row, otherRow)).isEqualTo(byKey == 0);
      boolean isBetween =
          Arrays.compareUnsigned(otherRow, KeyCodec.versionsStart(key)) >= 0
              && Arrays.compareUnsigned(otherRow, KeyCodec.versionsEnd(key)) < 0;
      assertThat(isBetween).isEqualTo(byKey == 0);
      assertThat(KeyCodec.versionsEnd(row)).isEqualTo(KeyCodec.versionsEnd(key));
      assertThat(KeyCodec.keyOfVersion(row)).isEqualTo(key);
      assertThat(KeyCodec.revisionOfVersion(row)).isEqualTo(revision);
    }
  }

  @Test
  void attachmentsAreInOrderOfLeasesAndKeys() {
    long[] leases = {Long.MIN_VALUE, -2, -1, 1, 2, Long.MAX_VALUE - 1, Long.MAX_VALUE};
    for (int round = 0; round < ROUNDS; round++) {
      long lease = leases[random.nextInt(leases.length)];
      long other = leases[random.nextInt(leases.length)];
      Bytes key = randomKey();
      Bytes otherKey = randomKey();
      byte[] row = KeyCodec.attachedKey(lease, key);
      byte[] otherRow = KeyCodec.attachedKey(other, otherKey);
      int expected = lease != other ? Long.compare(lease, other) : key.compareTo(otherKey);
      assertThat(Integer.signum(Arrays.compareUnsigned(row, otherRow)))
          .isEqualTo(Integer.signum(expected));
      boolean isOfLease =
          Arrays.compareUnsigned(otherRow, KeyCodec.attachedStart(lease)) >= 0
              && Arrays.compareUnsigned(otherRow, KeyCodec.attachedEnd(lease)) < 0;
      assertThat(isOfLease).isEqualTo(lease == other);
      assertThat(row).endsWith(key.array()).hasSize(KeyCodec.ATTACHED_PREFIX_BYTES + key.length());
    }
  }

  @Test
  void historyIsInOrderOfRevisionsAndParts() {
    for (int round = 0; round < ROUNDS; round++) {
      long revision = randomRevision();
      long other = randomRevision();
      int part = random.nextInt(3);
      int otherPart = random.nextInt(3);
      int expected =
          revision != other ? Long.compare(revision, other) : Integer.compare(part, otherPart);
      byte[] row = KeyCodec.historyKey(revision, part);
      assertThat(Integer.signum(Arrays.compareUnsigned(row, KeyCodec.historyKey(other, otherPart))))
          .isEqualTo(Integer.signum(expected));
      assertThat(KeyCodec.revisionOfHistory(row)).isEqualTo(revision);
      assertThat(KeyCodec.partOfHistory(row)).isEqualTo(part);
    }
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    for (int round = 0; round < ROUNDS / 10; round++) {
      KeyValue keyValue = randomKeyValue();
      assertThat(KeyCodec.keyValue(keyValue.key(), KeyCodec.record(keyValue))).isEqualTo(keyValue);
      assertThat(KeyCodec.keyOfCurrent(KeyCodec.currentKey(keyValue.key())))
          .isEqualTo(keyValue.key());
      Bytes deleted = randomKey();
      List<KeyEvent> events = List.of(new KeyEvent.Put(keyValue), new KeyEvent.Deleted(deleted, 7));
      assertThat(KeyCodec.changes(KeyCodec.history(events)))
          .containsExactly(new Change(keyValue.key(), true), new Change(deleted, false));
    }
    Numbers numbers = new Numbers(9, 8, -7, EndedLeases.NONE);
    assertThat(KeyCodec.numbers(KeyCodec.numbers(numbers))).isEqualTo(numbers);
    Numbers ended = numbers.with(new EndedLease(-3, 7)).with(new EndedLease(4, 9));
    assertThat(KeyCodec.numbers(KeyCodec.numbers(ended))).isEqualTo(ended);
    Scrubbed scrubbed = new Scrubbed(3, 5, 7);
    assertThat(KeyCodec.scrubbed(KeyCodec.scrubbed(scrubbed))).isEqualTo(scrubbed);
  }

  @Test
  void noRecordPassesForADeletion() {
    KeyValue empty = new KeyValue(Bytes.EMPTY, Bytes.EMPTY, 2, 2, 1, 0);
    assertThat(KeyCodec.isDeletion(KeyCodec.record(empty).length)).isFalse();
    assertThat(KeyCodec.isDeletion(KeyCodec.deletion().length)).isTrue();
  }

  @Test
  void damagedRowsAreRefusedInOneLine() {
    Bytes key = Bytes.utf8("k");
    byte[] record = KeyCodec.record(new KeyValue(key, Bytes.utf8("v"), 2, 3, 2, 1));
    byte[] history =
        KeyCodec.history(List.of(new KeyEvent.Deleted(key, 7), new KeyEvent.Deleted(key, 8)));
    byte[] numbersRow = KeyCodec.numbers(Numbers.FIRST.with(new EndedLease(1, 1)));
    byte[] newerLayout = record.clone();
    newerLayout[0] = 2;
    assertRefused(() -> KeyCodec.keyValue(key, newerLayout), "layout 2, this version reads 1");
    assertRefused(() -> KeyCodec.keyValue(key, new byte[0]), "an empty value");
    assertRefused(() -> KeyCodec.keyValue(key, Arrays.copyOf(record, 20)), "of 20 bytes");
    assertRefused(
        () -> KeyCodec.keyValue(key, KeyCodec.record(new KeyValue(key, key, 5, 4, 1, 0))),
        "created at revision 5 and changed at 4");
    assertRefused(() -> KeyCodec.changes(Arrays.copyOf(history, 3)), "ends early");
    assertRefused(() -> KeyCodec.changes(Arrays.copyOf(history, 6)), "a changed key of 1 bytes");
    assertRefused(() -> KeyCodec.changes(new byte[] {1, 9, 0, 0, 0, 0}), "a change of kind 9");
    assertRefused(() -> KeyCodec.revisionOfVersion(new byte[] {6, 1}), "without end");
    byte[] badEscape = KeyCodec.versionKey(Bytes.wrap(new byte[] {0, 5}), 1);
    badEscape[2] = 3;
    assertRefused(() -> KeyCodec.keyOfVersion(badEscape), "bad escape");
    assertRefused(() -> KeyCodec.revisionOfHistory(new byte[] {7}), "of 1 bytes");
    assertRefused(
        () -> KeyCodec.numbers(KeyCodec.numbers(new Numbers(3, 4, 0, EndedLeases.NONE))),
        "compacted at 4");
    assertRefused(() -> KeyCodec.numbers(Arrays.copyOf(numbersRow, 30)), "a value of 30 bytes");
    assertRefused(() -> KeyCodec.numbers(new byte[] {1}), "a value of 1 bytes");
  }

  private static void assertRefused(Runnable action, String message) {
    assertThatThrownBy(action::run)
        .isInstanceOf(DamagedValueException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  /** Short, and of few different bytes, so that keys begin alike. */
  private Bytes randomKey() {
    byte[] alphabet = {0, 1, 2, 'a', (byte) 0xfe, (byte) 0xff};
    byte[] key = new byte[random.nextInt(5)];
    for (int i = 0; i < key.length; i++) {
      key[i] =
          random.nextInt(10) == 0
              ? (byte) random.nextInt()
              : alphabet[random.nextInt(alphabet.length)];
    }
    return Bytes.wrap(key);
  }

  private long randomRevision() {
    return random.nextBoolean() ? 1 + random.nextInt(3) : random.nextLong() & Long.MAX_VALUE;
  }

  private KeyValue randomKeyValue() {
    byte[] value = new byte[random.nextInt(20)];
    random.nextBytes(value);
    long create = 1L + random.nextInt(1_000);
    return new KeyValue(
        randomKey(),
        Bytes.wrap(value),
        create,
        create + random.nextInt(1_000),
        1 + random.nextInt(100),
        random.nextLong());
  }
}
