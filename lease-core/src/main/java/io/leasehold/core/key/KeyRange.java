package io.leasehold.core.key;

import org.jspecify.annotations.Nullable;

/**
 * A range of keys.
 *
 * @param first the first key meant
 * @param end the first key no longer meant; null when there is none
 */
public record KeyRange(Bytes first, @Nullable Bytes end) {

  /** Returns the range of one key. */
  public static KeyRange single(Bytes key) {
    return new KeyRange(key, key.successor());
  }

  /**
   * Returns the range that etcd's request fields mean: no end is the key alone, an end of one zero
   * byte is everything from the key on, and a key of one zero byte with that end is everything.
   */
  public static KeyRange of(Bytes key, Bytes rangeEnd) {
    if (rangeEnd.isEmpty()) {
      return single(key);
    }
    return new KeyRange(key, isZeroByte(rangeEnd) ? null : rangeEnd);
  }

  /** Returns the range of all keys with a prefix; of all keys for the empty one. */
  public static KeyRange prefix(Bytes prefix) {
    byte[] end = prefix.array().clone();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return new KeyRange(prefix, Bytes.wrap(java.util.Arrays.copyOf(end, i + 1)));
      }
    }
    return new KeyRange(prefix, null);
  }

  /** Tells whether the range is one key. */
  public boolean isSingle() {
    return end != null
        && end.length() == first.length() + 1
        && end.startsWith(first)
        && end.array()[first.length()] == 0;
  }

  /** Tells whether no key can be in the range. */
  public boolean isEmpty() {
    return end != null && end.compareTo(first) <= 0;
  }

  public boolean contains(Bytes key) {
    return key.compareTo(first) >= 0 && (end == null || key.compareTo(end) < 0);
  }

  public boolean overlaps(KeyRange other) {
    return (end == null || other.first.compareTo(end) < 0)
        && (other.end == null || first.compareTo(other.end) < 0)
        && !isEmpty()
        && !other.isEmpty();
  }

  private static boolean isZeroByte(Bytes bytes) {
    return bytes.length() == 1 && bytes.array()[0] == 0;
  }
}
