package io.leasehold.raft.storage;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.MemberRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the state on disk. A key is one byte of kind and then the lease's ID,
 * big-endian, or the member's name, or what {@link KeyCodec} says; a value begins with the version
 * of its layout. Stateless.
 */
final class StateCodec {
  static final byte KIND_APPLIED = 0;
  static final byte KIND_MEMBER = 1;
  static final byte KIND_LEASE = 2;
  static final byte KIND_ALARM = 3;

  // What these hold is the business of KeyCodec.
  static final byte KIND_KEYS = 4;
  static final byte KIND_CURRENT = 5;
  static final byte KIND_VERSION = 6;
  static final byte KIND_HISTORY = 7;
  static final byte KIND_ATTACHED = 8;

  static final byte KIND_LEASE_TIME = 9;

  static final byte VERSION = 1;

  /** Of a lease that ends at a moment of lease time: who does not know of that must not read it. */
  private static final byte VERSION_WITH_END = 2;

  private static final int LEASE_KEY_BYTES = 1 + Long.BYTES;
  private static final int ALARM_KEY_BYTES = 1 + Long.BYTES + 1;
  private static final int LEASE_VALUE_BYTES = 1 + 2 * Long.BYTES;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private StateCodec() {}

  /** A record on disk is not what this version wrote; the message says what it is. */
  static final class DamagedValueException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DamagedValueException(String message) {
      super(message);
    }
  }

  static byte[] appliedKey() {
    return new byte[] {KIND_APPLIED};
  }

  static byte[] applied(long index, long term) {
    return ByteBuffer.allocate(LEASE_VALUE_BYTES).put(VERSION).putLong(index).putLong(term).array();
  }

  static byte[] leaseKey(long leaseId) {
    return ByteBuffer.allocate(LEASE_KEY_BYTES).put(KIND_LEASE).putLong(leaseId).array();
  }

  static long leaseId(byte[] key) {
    if (key.length != LEASE_KEY_BYTES) {
      throw new DamagedValueException("a lease's key of " + key.length + " bytes");
    }
    long leaseId = (long) LONG.get(key, 1);
    if (leaseId == 0) {
      throw new DamagedValueException("a lease with ID 0");
    }
    return leaseId;
  }

  static byte[] lease(long ttlMillis, long endMillis) {
    return ByteBuffer.allocate(LEASE_VALUE_BYTES)
        .put(endMillis == 0 ? VERSION : VERSION_WITH_END)
        .putLong(ttlMillis)
        .putLong(endMillis)
        .array();
  }

  static long ttlMillis(byte[] value) {
    long ttlMillis = number(value, 0);
    if (ttlMillis <= 0 || ttlMillis > Command.TTL_MAX_MILLIS) {
      throw new DamagedValueException("a TTL of " + ttlMillis + " ms");
    }
    return ttlMillis;
  }

  /**
   * Returns when a lease ends by its checkpoint, in lease time; 0 for none. Before there was lease
   * time this was what the lease had left, which is the same while that stands at its beginning.
   */
  static long endMillis(byte[] value) {
    long endMillis = number(value, 1);
    if (endMillis < 0 || endMillis > Lease.END_MAX_MILLIS) {
      throw new DamagedValueException("a lease that ends after " + endMillis + " ms");
    }
    return endMillis;
  }

  static byte[] leaseTimeKey() {
    return new byte[] {KIND_LEASE_TIME};
  }

  static byte[] leaseTime(long millis) {
    return ByteBuffer.allocate(LEASE_VALUE_BYTES).put(VERSION).putLong(millis).putLong(0).array();
  }

  static long leaseTimeMillis(byte[] value) {
    long millis = number(value, 0);
    if (millis < 0 || millis > Command.TIME_MAX_MILLIS) {
      throw new DamagedValueException("a lease time of " + millis + " ms");
    }
    return millis;
  }

  static long appliedIndex(byte[] value) {
    return number(value, 0);
  }

  static long appliedTerm(byte[] value) {
    return number(value, 1);
  }

  private static long number(byte[] value, int position) {
    if (value.length > 0 && value[0] != VERSION_WITH_END) {
      checkVersion(value[0]);
    }
    if (value.length != LEASE_VALUE_BYTES) {
      throw new DamagedValueException("a value of " + value.length + " bytes");
    }
    return (long) LONG.get(value, 1 + position * Long.BYTES);
  }

  static byte[] memberKey(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + utf8.length).put(KIND_MEMBER).put(utf8).array();
  }

  static byte[] member(MemberRecord member) {
    List<byte[]> strings = new ArrayList<>();
    strings.add(member.name().getBytes(StandardCharsets.UTF_8));
    strings.add(member.identity().getBytes(StandardCharsets.UTF_8));
    for (String url : member.clientUrls()) {
      strings.add(url.getBytes(StandardCharsets.UTF_8));
    }
    int bytes = 1;
    for (byte[] string : strings) {
      bytes += Integer.BYTES + string.length;
    }
    ByteBuffer buffer = ByteBuffer.allocate(bytes).put(VERSION);
    for (byte[] string : strings) {
      buffer.putInt(string.length).put(string);
    }
    return buffer.array();
  }

  static MemberRecord member(byte[] value) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(value);
      checkVersion(buffer.get());
      List<String> strings = new ArrayList<>();
      while (buffer.hasRemaining()) {
        int length = buffer.getInt();
        if (length < 0 || length > buffer.remaining()) {
          throw new DamagedValueException("a string of " + length + " bytes");
        }
        byte[] utf8 = new byte[length];
        buffer.get(utf8);
        strings.add(new String(utf8, StandardCharsets.UTF_8));
      }
      if (strings.size() < 2) {
        throw new DamagedValueException("a member without name or identity");
      }
      return new MemberRecord(strings.get(0), strings.get(1), strings.subList(2, strings.size()));
    } catch (BufferUnderflowException e) {
      throw new DamagedValueException("a member's record that ends early");
    }
  }

  static byte[] alarmKey(AlarmRecord alarm) {
    return ByteBuffer.allocate(ALARM_KEY_BYTES)
        .put(KIND_ALARM)
        .putLong(alarm.memberId())
        .put(alarmNumber(alarm.alarm()))
        .array();
  }

  /** An alarm has nothing but its key. */
  static byte[] alarm() {
    return new byte[] {VERSION};
  }

  static AlarmRecord alarm(byte[] key) {
    if (key.length != ALARM_KEY_BYTES) {
      throw new DamagedValueException("an alarm's key of " + key.length + " bytes");
    }
    byte number = key[key.length - 1];
    for (Alarm alarm : Alarm.values()) {
      if (alarmNumber(alarm) == number) {
        return new AlarmRecord((long) LONG.get(key, 1), alarm);
      }
    }
    throw new DamagedValueException("an alarm of kind " + number);
  }

  private static byte alarmNumber(Alarm alarm) {
    return switch (alarm) {
      case NO_SPACE -> 1;
      case CORRUPT -> 2;
    };
  }

  static void checkVersion(byte version) {
    if (version != VERSION) {
      throw new DamagedValueException(
          "a value of layout " + version + ", this version reads " + VERSION);
    }
  }
}
