package io.leasehold.core.key;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable string of bytes, ordered as unsigned bytes: a key or a value. Wraps the array it is
 * given; whoever hands one over changes it no more, and nobody changes one it was handed.
 */
public final class Bytes implements Comparable<Bytes> {
  private static final int SHOWN_MAX = 256;
  private static final HexFormat HEX = HexFormat.of();

  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Returns the array as bytes, without copying it. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array);
  }

  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the array itself: not to be changed. */
  public byte[] array() {
    return array;
  }

  public int length() {
    return array.length;
  }

  public boolean isEmpty() {
    return array.length == 0;
  }

  /** Returns the least string above this one: this one followed by a zero byte. */
  public Bytes successor() {
    return new Bytes(Arrays.copyOf(array, array.length + 1));
  }

  public boolean startsWith(Bytes prefix) {
    return array.length >= prefix.array.length
        && Arrays.equals(array, 0, prefix.array.length, prefix.array, 0, prefix.array.length);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(array, that.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  /**
   * Returns the beginning, for people: printable ASCII as it is and the rest as hexadecimal
   * escapes.
   */
  @Override
  public String toString() {
    int shown = Math.min(array.length, SHOWN_MAX);
    StringBuilder text = new StringBuilder(shown);
    for (int i = 0; i < shown; i++) {
      byte b = array[i];
      if (b >= 0x20 && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x").append(HEX.toHexDigits(b));
      }
    }
    if (shown < array.length) {
      text.append("... (").append(array.length).append(" bytes)");
    }
    return text.toString();
  }
}
