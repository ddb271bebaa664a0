package io.leasehold.bench.etcd;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;

/**
 * Renewals as they are on the wire, of which there may be a million a second. An instance reads one
 * answer after the other; confined to one thread.
 */
public final class KeepAliveMessages {
  private static final int TAG_ID_IN_REQUEST = 0x08;
  private static final int TAG_ID = 0x10;
  private static final int TAG_TTL = 0x18;
  private static final int TAG_HEADER = 0x0a;
  private static final int WIRE_TYPE_MASK = 7;
  private static final int WIRE_TYPE_VARINT = 0;
  private static final int WIRE_TYPE_BYTES = 2;

  private int at;
  private long leaseId;
  private long ttlSeconds;

  /** Returns a LeaseKeepAliveRequest. */
  public static byte[] request(long leaseId) {
    byte[] bytes = new byte[1 + varintBytes(leaseId)];
    bytes[0] = TAG_ID_IN_REQUEST;
    putVarint(bytes, 1, leaseId);
    return bytes;
  }

  /** Returns the ID of a request. */
  public static long idOfRequest(ByteBuf in, int begin) {
    KeepAliveMessages reader = new KeepAliveMessages();
    reader.at = begin + 1;
    return reader.varint(in);
  }

  /** Returns a LeaseKeepAliveResponse with a header of the size that members send. */
  public static byte[] answer(long leaseId, long ttlSeconds) {
    byte[] header = {0x08, 1, 0x10, 1, 0x18, 1, 0x20, 1};
    byte[] bytes = new byte[2 + header.length + 2 + varintBytes(leaseId) + varintBytes(ttlSeconds)];
    bytes[0] = TAG_HEADER;
    bytes[1] = (byte) header.length;
    System.arraycopy(header, 0, bytes, 2, header.length);
    int end = 2 + header.length;
    bytes[end] = TAG_ID;
    end = putVarint(bytes, end + 1, leaseId);
    bytes[end] = TAG_TTL;
    putVarint(bytes, end + 1, ttlSeconds);
    return bytes;
  }

  private static int varintBytes(long value) {
    return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
  }

  private static int putVarint(byte[] bytes, int begin, long value) {
    int end = begin;
    long left = value;
    while ((left & ~0x7fL) != 0) {
      bytes[end++] = (byte) (left | 0x80);
      left >>>= 7;
    }
    bytes[end++] = (byte) left;
    return end;
  }

  /** Reads a LeaseKeepAliveResponse; what it does not say is 0. */
  public void readAnswer(ByteBuf in, int begin, int length) {
    at = begin;
    leaseId = 0;
    ttlSeconds = 0;
    while (at < begin + length) {
      int tag = in.getUnsignedByte(at++);
      if (tag == TAG_ID) {
        leaseId = varint(in);
      } else if (tag == TAG_TTL) {
        ttlSeconds = varint(in);
      } else if ((tag & WIRE_TYPE_MASK) == WIRE_TYPE_BYTES) {
        int skipped = (int) varint(in);
        at += skipped;
      } else if ((tag & WIRE_TYPE_MASK) == WIRE_TYPE_VARINT) {
        long unused = varint(in);
      } else {
        throw new IllegalArgumentException("not an answer to a renewal: field " + tag);
      }
    }
  }

  private long varint(ByteBuf in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.getByte(at++);
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("not a number");
  }

  /** Whose renewal was answered last. */
  public long leaseId() {
    return leaseId;
  }

  /** What the last answer gave it; 0 for a lease that is gone. */
  public long ttlSeconds() {
    return ttlSeconds;
  }
}
