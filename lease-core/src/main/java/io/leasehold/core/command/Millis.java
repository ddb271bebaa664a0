package io.leasehold.core.command;

import java.util.Arrays;

/** An immutable list of durations in milliseconds, none negative and none above the longest TTL. */
public final class Millis {
  private final long[] values;

  private Millis(long[] values) {
    for (long value : values) {
      if (value < 0 || value > Command.TTL_MAX_MILLIS) {
        throw new IllegalArgumentException("duration out of range: " + value + " ms");
      }
    }
    this.values = values;
  }

  /** Returns the list of the given durations, which it copies. */
  public static Millis of(long... values) {
    return new Millis(values.clone());
  }

  /** Returns {@code count} zeros. */
  public static Millis zeros(int count) {
    return new Millis(new long[count]);
  }

  public int size() {
    return values.length;
  }

  public long get(int position) {
    return values[position];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Millis that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}
