package io.leasehold.raft.storage;

import io.leasehold.core.state.MemberRecord;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the state on disk. A key is one byte of kind and then the lease's ID,
 * big-endian, or the member's name; a value begins with the version of its layout. Stateless.
 */
final class StateCodec {
  static final byte KIND_APPLIED = 0;
  static final byte KIND_MEMBER = 1;
  static final byte KIND_LEASE = 2;

  private static final byte VERSION = 1;
  private static final int LEASE_KEY_BYTES = 1 + Long.BYTES;
  private static final int LEASE_VALUE_BYTES = 1 + 2 * Long.BYTES;

  private StateCodec() {}

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
      throw new IllegalArgumentException("a lease's key of " + key.length + " bytes");
    }
    return ByteBuffer.wrap(key, 1, Long.BYTES).getLong();
  }

  static byte[] lease(long ttlMillis, long remainingMillis) {
    return ByteBuffer.allocate(LEASE_VALUE_BYTES)
        .put(VERSION)
        .putLong(ttlMillis)
        .putLong(remainingMillis)
        .array();
  }

  /** Returns the two numbers of a lease's value, or of the applied index's. */
  static long[] pair(byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(value);
    if (value.length != LEASE_VALUE_BYTES) {
      throw new IllegalArgumentException("a value of " + value.length + " bytes");
    }
    checkVersion(buffer.get());
    return new long[] {buffer.getLong(), buffer.getLong()};
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
          throw new IllegalArgumentException("a string of " + length + " bytes");
        }
        byte[] utf8 = new byte[length];
        buffer.get(utf8);
        strings.add(new String(utf8, StandardCharsets.UTF_8));
      }
      if (strings.size() < 2) {
        throw new IllegalArgumentException("a member without name or identity");
      }
      return new MemberRecord(strings.get(0), strings.get(1), strings.subList(2, strings.size()));
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a member's record that ends early", e);
    }
  }

  private static void checkVersion(byte version) {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "a value of layout " + version + ", this version reads " + VERSION);
    }
  }
}
