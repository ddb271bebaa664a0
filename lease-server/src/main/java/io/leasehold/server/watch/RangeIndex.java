package io.leasehold.server.watch;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds who is interested in a key: single keys by hash, since most watchers wait for one key, and
 * ranges by a {@link RangeTree}. Not thread-safe.
 */
final class RangeIndex<T> {
  private final Map<Bytes, Set<T>> byKey = new HashMap<>();
  private final RangeTree<T> ranges = new RangeTree<>();

  void add(KeyRange range, T value) {
    if (range.isSingle()) {
      byKey.computeIfAbsent(range.first(), key -> new LinkedHashSet<>(2)).add(value);
    } else {
      ranges.add(range, value);
    }
  }

  void remove(KeyRange range, T value) {
    if (range.isSingle()) {
      Set<T> values = byKey.get(range.first());
      if (values != null && values.remove(value) && values.isEmpty()) {
        byKey.remove(range.first());
      }
    } else {
      ranges.remove(range, value);
    }
  }

  /** Visits everything whose range holds the key. */
  void forEachAt(Bytes key, Consumer<T> visitor) {
    Set<T> values = byKey.get(key);
    if (values != null) {
      values.forEach(visitor);
    }
    ranges.forEachAt(key, visitor);
  }
}
