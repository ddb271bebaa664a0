package io.leasehold.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that never change: a key, or a value. Ordered as the cluster orders keys, unsigned. */
public final class Bytes implements Comparable<Bytes> {
  private static final Bytes EMPTY = new Bytes(new byte[0]);
  private static final Bytes ZERO = new Bytes(new byte[1]);

  private final byte[] bytes;

  private Bytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Returns no bytes. */
  public static Bytes empty() {
    return EMPTY;
  }

  /** Returns the bytes of a text in UTF-8. */
  public static Bytes of(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a copy of an array. */
  public static Bytes copyOf(byte[] bytes) {
    return new Bytes(bytes.clone());
  }

  /** Returns a copy as an array. */
  public byte[] toArray() {
    return bytes.clone();
  }

  /** Returns the text that these bytes are in UTF-8; what is no UTF-8 is replaced. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Returns how many bytes these are. */
  public int size() {
    return bytes.length;
  }

  /** Returns whether these bytes begin with others. */
  public boolean startsWith(Bytes prefix) {
    return bytes.length >= prefix.bytes.length
        && Arrays.equals(bytes, 0, prefix.bytes.length, prefix.bytes, 0, prefix.bytes.length);
  }

  /** Returns these bytes with others after them. */
  public Bytes plus(Bytes more) {
    byte[] both = Arrays.copyOf(bytes, bytes.length + more.bytes.length);
    System.arraycopy(more.bytes, 0, both, bytes.length, more.bytes.length);
    return new Bytes(both);
  }

  /** Returns these bytes without the first ones. */
  public Bytes from(int begin) {
    return new Bytes(Arrays.copyOfRange(bytes, begin, bytes.length));
  }

  /**
   * Returns the first key after all those that begin with these bytes. One zero byte, which stands
   * for the end of all keys, when there is none.
   */
  public Bytes prefixEnd() {
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] != (byte) 0xff) {
        byte[] end = Arrays.copyOf(bytes, i + 1);
        end[i]++;
        return new Bytes(end);
      }
    }
    return ZERO;
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The bytes as text. */
  @Override
  public String toString() {
    return text();
  }
}
