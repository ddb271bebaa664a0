package io.leasehold.client;

/**
 * One key, or all keys from one on and before another.
 *
 * @param from the first key
 * @param end the first key after the range; empty for one key alone, and one zero byte for a range
 *     without an end
 */
public record KeyRange(Bytes from, Bytes end) {
  private static final Bytes NO_END = Bytes.copyOf(new byte[1]);

  /** Returns one key alone. */
  public static KeyRange of(Bytes key) {
    return new KeyRange(key, Bytes.empty());
  }

  /** Returns all keys that begin with a prefix; all keys if it is empty. */
  public static KeyRange prefix(Bytes prefix) {
    return prefix.size() == 0
        ? new KeyRange(NO_END, NO_END)
        : new KeyRange(prefix, prefix.prefixEnd());
  }
}
