package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyValue;
import io.leasehold.raft.storage.StateCodec.DamagedValueException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Rows of the key space on disk. The first byte of a row's key is its kind; then follows
 *
 * <ul>
 *   <li>for the current version of a live key: the key,
 *   <li>for each version of it that is still needed: the key, so escaped that order is kept and no
 *       key is the beginning of another, and the complement of the revision, so that the newest
 *       comes first,
 *   <li>for history: the revision and the number of the part of it,
 *   <li>for an attachment: the lease's ID, so that negative ones come first, and the key,
 *   <li>for the numbers of the key space: which of them.
 * </ul>
 *
 * <p>A row's value begins with the version of its layout. A deletion is a version of nothing but
 * that. Stateless.
 */
final class KeyCodec {
  /** Changes in one row of history: bounds what reading a row costs. */
  static final int CHANGES_PER_ROW_MAX = 1024;

  /** The first key of all rows after those of a kind. */
  private static final byte[][] AFTER_KIND = new byte[Byte.MAX_VALUE][];

  private static final byte[] DELETION = {StateCodec.VERSION};
  private static final byte[] ATTACHMENT = {StateCodec.VERSION};

  private static final byte ESCAPED_ZERO = (byte) 0xff;
  private static final byte END = 1;
  private static final byte AFTER_END = 2;
  private static final int END_BYTES = 2;

  /** Of a key's record without the value. */
  static final int RECORD_BYTES = 1 + 4 * Long.BYTES;

  private static final int HISTORY_KEY_BYTES = 1 + Long.BYTES + Integer.BYTES;

  /** What comes before the key in an attachment's. */
  static final int ATTACHED_PREFIX_BYTES = 1 + Long.BYTES;

  private static final int NUMBERS_BYTES = 1 + 3 * Long.BYTES;

  /** Of one lease in the numbers. */
  private static final int ENDED_BYTES = 2 * Long.BYTES;

  private static final byte CHANGE_PUT = 1;
  private static final byte CHANGE_DELETED = 2;

  private static final byte WHICH_NUMBERS = 0;
  private static final byte WHICH_SCRUBBED = 1;

  static {
    for (int kind = 0; kind < AFTER_KIND.length; kind++) {
      AFTER_KIND[kind] = new byte[] {(byte) (kind + 1)};
    }
  }

  private KeyCodec() {}

  /**
   * What is known of the whole key space.
   *
   * @param hash of everything that was ever written
   * @param ended the leases whose end the rows may not know of yet
   */
  record Numbers(long revision, long compactedRevision, long hash, EndedLeases ended) {
    /** Of a key space to which nothing was ever written. */
    static final Numbers FIRST = new Numbers(1, 0, 0, EndedLeases.NONE);

    Numbers withRevision(long newRevision) {
      return new Numbers(newRevision, compactedRevision, hash, ended);
    }

    Numbers withCompactedRevision(long newCompactedRevision) {
      return new Numbers(revision, newCompactedRevision, hash, ended);
    }

    Numbers withHash(long newHash) {
      return new Numbers(revision, compactedRevision, newHash, ended);
    }

    Numbers with(EndedLease lease) {
      return with(ended.with(lease));
    }

    Numbers without(Set<EndedLease> swept) {
      EndedLeases rest = ended.without(swept);
      return rest.size() == ended.size() ? this : with(rest);
    }

    private Numbers with(EndedLeases newEnded) {
      return new Numbers(revision, compactedRevision, hash, newEnded);
    }
  }

  /**
   * How far the deletion of compacted versions has come.
   *
   * @param revision the last compaction of which nothing is left to delete
   * @param nextRevision where the next one goes on, with {@code nextPart}
   */
  record Scrubbed(long revision, long nextRevision, int nextPart) {
    static final Scrubbed NOTHING = new Scrubbed(0, 1, 0);
  }

  /** One change in history. */
  record Change(Bytes key, boolean isPut) {}

  static byte[] afterKind(byte kind) {
    return AFTER_KIND[kind];
  }

  // ---------------------------------------------------------------- current versions

  static byte[] currentKey(Bytes key) {
    byte[] row = new byte[1 + key.length()];
    row[0] = StateCodec.KIND_CURRENT;
    System.arraycopy(key.array(), 0, row, 1, key.length());
    return row;
  }

  static Bytes keyOfCurrent(byte[] row) {
    return Bytes.wrap(Arrays.copyOfRange(row, 1, row.length));
  }

  static byte[] record(KeyValue keyValue) {
    return ByteBuffer.allocate(RECORD_BYTES + keyValue.value().length())
        .put(StateCodec.VERSION)
        .putLong(keyValue.createRevision())
        .putLong(keyValue.modRevision())
        .putLong(keyValue.version())
        .putLong(keyValue.leaseId())
        .put(keyValue.value().array())
        .array();
  }

  /** Returns the mod revision in the beginning of a record. */
  static long modRevision(byte[] record) {
    return ByteBuffer.wrap(record).getLong(1 + Long.BYTES);
  }

  /** Returns the lease in the beginning of a record, 0 for none. */
  static long leaseId(byte[] record) {
    return ByteBuffer.wrap(record).getLong(1 + 3 * Long.BYTES);
  }

  static KeyValue keyValue(Bytes key, byte[] record) {
    checkLayout(record);
    if (record.length < RECORD_BYTES) {
      throw new DamagedValueException("a key's record of " + record.length + " bytes");
    }
    ByteBuffer buffer = ByteBuffer.wrap(record, 1, record.length - 1);
    long createRevision = buffer.getLong();
    long modRevision = buffer.getLong();
    long version = buffer.getLong();
    long leaseId = buffer.getLong();
    if (createRevision <= 0 || modRevision < createRevision || version <= 0) {
      throw new DamagedValueException(
          "a key of version "
              + version
              + ", created at revision "
              + createRevision
              + " and changed at "
              + modRevision);
    }
    Bytes value = Bytes.wrap(Arrays.copyOfRange(record, RECORD_BYTES, record.length));
    return new KeyValue(key, value, createRevision, modRevision, version, leaseId);
  }

  // ---------------------------------------------------------------- all versions

  static byte[] versionKey(Bytes key, long revision) {
    byte[] row = versions(key, END, Long.BYTES);
    ByteBuffer.wrap(row).putLong(row.length - Long.BYTES, ~revision);
    return row;
  }

  /** Returns the row of another version of the same key. */
  static byte[] atRevision(byte[] row, long revision) {
    byte[] other = row.clone();
    ByteBuffer.wrap(other).putLong(row.length - Long.BYTES, ~revision);
    return other;
  }

  /** Returns the first row that is of this key, or would be. */
  static byte[] versionsStart(Bytes key) {
    return versions(key, END, 0);
  }

  /** Returns a key behind all versions of this one and before those of any later. */
  static byte[] versionsEnd(Bytes key) {
    return versions(key, AFTER_END, 0);
  }

  /** As {@link #versionsEnd(Bytes)}, of the key of which the row is a version. */
  static byte[] versionsEnd(byte[] row) {
    byte[] end = Arrays.copyOf(row, row.length - Long.BYTES);
    end[end.length - 1] = AFTER_END;
    return end;
  }

  /** Tells whether two rows are versions of one key. */
  static boolean isSameKey(byte[] row, byte[] other) {
    return row.length == other.length
        && Arrays.equals(row, 0, row.length - Long.BYTES, other, 0, row.length - Long.BYTES);
  }

  static long revisionOfVersion(byte[] row) {
    checkVersionRow(row);
    return ~ByteBuffer.wrap(row).getLong(row.length - Long.BYTES);
  }

  static Bytes keyOfVersion(byte[] row) {
    checkVersionRow(row);
    int end = row.length - Long.BYTES - END_BYTES;
    byte[] key = new byte[end - 1];
    int length = 0;
    for (int i = 1; i < end; i++) {
      key[length++] = row[i];
      if (row[i] == 0 && (++i >= end || row[i] != ESCAPED_ZERO)) {
        throw new DamagedValueException("a version of a key with a bad escape");
      }
    }
    return Bytes.wrap(length == key.length ? key : Arrays.copyOf(key, length));
  }

  private static void checkVersionRow(byte[] row) {
    int end = row.length - Long.BYTES;
    if (end < 1 + END_BYTES || row[end - 1] != END || row[end - 2] != 0) {
      throw new DamagedValueException("a version's row of " + row.length + " bytes without end");
    }
  }

  /** What stands for a version by which the key ceased to be. */
  static byte[] deletion() {
    return DELETION;
  }

  static boolean isDeletion(int recordBytes) {
    return recordBytes == DELETION.length;
  }

  /** Returns the kind, the key escaped and ended, and some bytes of room. */
  private static byte[] versions(Bytes key, byte end, int room) {
    byte[] plain = key.array();
    int zeros = 0;
    for (byte b : plain) {
      zeros += b == 0 ? 1 : 0;
    }
    byte[] row = new byte[1 + plain.length + zeros + END_BYTES + room];
    row[0] = StateCodec.KIND_VERSION;
    int length = 1;
    if (zeros == 0) {
      System.arraycopy(plain, 0, row, length, plain.length);
      length += plain.length;
    } else {
      for (byte b : plain) {
        row[length++] = b;
        if (b == 0) {
          row[length++] = ESCAPED_ZERO;
        }
      }
    }
    row[length + 1] = end;
    return row;
  }

  // ---------------------------------------------------------------- history

  static byte[] historyKey(long revision, int part) {
    return ByteBuffer.allocate(HISTORY_KEY_BYTES)
        .put(StateCodec.KIND_HISTORY)
        .putLong(revision)
        .putInt(part)
        .array();
  }

  static long revisionOfHistory(byte[] row) {
    if (row.length != HISTORY_KEY_BYTES) {
      throw new DamagedValueException("a history's key of " + row.length + " bytes");
    }
    return ByteBuffer.wrap(row).getLong(1);
  }

  static int partOfHistory(byte[] row) {
    return ByteBuffer.wrap(row).getInt(1 + Long.BYTES);
  }

  static byte[] history(List<KeyEvent> events) {
    int bytes = 1;
    for (KeyEvent event : events) {
      bytes += 1 + Integer.BYTES + event.key().length();
    }
    ByteBuffer buffer = ByteBuffer.allocate(bytes).put(StateCodec.VERSION);
    for (KeyEvent event : events) {
      buffer
          .put(event instanceof KeyEvent.Put ? CHANGE_PUT : CHANGE_DELETED)
          .putInt(event.key().length())
          .put(event.key().array());
    }
    return buffer.array();
  }

  static List<Change> changes(byte[] history) {
    checkLayout(history);
    try {
      ByteBuffer buffer = ByteBuffer.wrap(history, 1, history.length - 1);
      List<Change> changes = new ArrayList<>();
      while (buffer.hasRemaining()) {
        byte what = buffer.get();
        int length = buffer.getInt();
        if (what != CHANGE_PUT && what != CHANGE_DELETED) {
          throw new DamagedValueException("a change of kind " + what);
        }
        if (length < 0 || length > buffer.remaining()) {
          throw new DamagedValueException("a changed key of " + length + " bytes");
        }
        byte[] key = new byte[length];
        buffer.get(key);
        changes.add(new Change(Bytes.wrap(key), what == CHANGE_PUT));
      }
      return changes;
    } catch (BufferUnderflowException e) {
      throw new DamagedValueException("a row of history that ends early");
    }
  }

  // ---------------------------------------------------------------- attachments

  static byte[] attachedStart(long leaseId) {
    return attached(leaseId, 0).array();
  }

  /** Returns a key behind all attachments of the lease and before those of any later. */
  static byte[] attachedEnd(long leaseId) {
    return leaseId == Long.MAX_VALUE
        ? afterKind(StateCodec.KIND_ATTACHED)
        : attached(leaseId + 1, 0).array();
  }

  static byte[] attachedKey(long leaseId, Bytes key) {
    return attached(leaseId, key.length()).put(key.array()).array();
  }

  static long leaseIdOfAttached(byte[] row) {
    if (row.length < ATTACHED_PREFIX_BYTES) {
      throw new DamagedValueException("an attached key's row of " + row.length + " bytes");
    }
    return ByteBuffer.wrap(row).getLong(1) ^ Long.MIN_VALUE;
  }

  static byte[] attachment() {
    return ATTACHMENT;
  }

  private static ByteBuffer attached(long leaseId, int keyBytes) {
    return ByteBuffer.allocate(ATTACHED_PREFIX_BYTES + keyBytes)
        .put(StateCodec.KIND_ATTACHED)
        .putLong(leaseId ^ Long.MIN_VALUE);
  }

  // ---------------------------------------------------------------- numbers

  static byte[] numbersKey() {
    return new byte[] {StateCodec.KIND_KEYS, WHICH_NUMBERS};
  }

  static byte[] numbers(Numbers numbers) {
    List<EndedLease> ended = numbers.ended().inOrder();
    ByteBuffer buffer =
        ByteBuffer.allocate(NUMBERS_BYTES + ended.size() * ENDED_BYTES)
            .put(StateCodec.VERSION)
            .putLong(numbers.revision())
            .putLong(numbers.compactedRevision())
            .putLong(numbers.hash());
    for (EndedLease lease : ended) {
      buffer.putLong(lease.leaseId()).putLong(lease.revision());
    }
    return buffer.array();
  }

  static Numbers numbers(byte[] value) {
    int endedBytes = Math.max(0, value.length - NUMBERS_BYTES);
    ByteBuffer buffer = fixed(value, NUMBERS_BYTES + endedBytes / ENDED_BYTES * ENDED_BYTES);
    long revision = buffer.getLong();
    long compactedRevision = buffer.getLong();
    long hash = buffer.getLong();
    List<EndedLease> ended = new ArrayList<>(buffer.remaining() / ENDED_BYTES);
    while (buffer.hasRemaining()) {
      ended.add(new EndedLease(buffer.getLong(), buffer.getLong()));
    }
    Numbers numbers = new Numbers(revision, compactedRevision, hash, EndedLeases.of(ended));
    if (numbers.revision() < 1
        || numbers.compactedRevision() < 0
        || numbers.compactedRevision() > numbers.revision()) {
      throw new DamagedValueException(
          "keys at revision "
              + numbers.revision()
              + ", compacted at "
              + numbers.compactedRevision());
    }
    return numbers;
  }

  static byte[] scrubbedKey() {
    return new byte[] {StateCodec.KIND_KEYS, WHICH_SCRUBBED};
  }

  static byte[] scrubbed(Scrubbed scrubbed) {
    return ByteBuffer.allocate(1 + 2 * Long.BYTES + Integer.BYTES)
        .put(StateCodec.VERSION)
        .putLong(scrubbed.revision())
        .putLong(scrubbed.nextRevision())
        .putInt(scrubbed.nextPart())
        .array();
  }

  static Scrubbed scrubbed(byte[] value) {
    ByteBuffer buffer = fixed(value, 1 + 2 * Long.BYTES + Integer.BYTES);
    return new Scrubbed(buffer.getLong(), buffer.getLong(), buffer.getInt());
  }

  private static ByteBuffer fixed(byte[] value, int bytes) {
    checkLayout(value);
    if (value.length != bytes) {
      throw new DamagedValueException("a value of " + value.length + " bytes");
    }
    return ByteBuffer.wrap(value, 1, bytes - 1);
  }

  private static void checkLayout(byte[] value) {
    if (value.length == 0) {
      throw new DamagedValueException("an empty value");
    }
    StateCodec.checkVersion(value[0]);
  }
}
