package io.leasehold.jepsen.history;

/**
 * The keys from one on, up to but without an end, as etcd counts them. Keys are printable ASCII, so
 * that they sort as their bytes do.
 *
 * @param end empty for the one key alone; {@link #NO_END} for all that follow
 */
public record KeyRange(String key, String end) {
  public static final String NO_END = "\0";

  public static KeyRange one(String key) {
    return new KeyRange(key, "");
  }

  /** The keys that start with this. */
  public static KeyRange prefix(String prefix) {
    int last = prefix.length() - 1;
    return new KeyRange(prefix, prefix.substring(0, last) + (char) (prefix.charAt(last) + 1));
  }

  public static KeyRange all() {
    return new KeyRange(NO_END, NO_END);
  }

  public boolean isOneKey() {
    return end.isEmpty();
  }

  public boolean contains(String candidate) {
    if (isOneKey()) {
      return candidate.equals(key);
    }
    return candidate.compareTo(key) >= 0 && (end.equals(NO_END) || candidate.compareTo(end) < 0);
  }
}
