package io.leasehold.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RangeIndexTest {
  private static final int SEEDS = 20;
  private static final int STEPS = 2000;

  @Test
  void findsExactlyTheRangesThatHoldTheKey() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Random random = new Random(seed);
      RangeIndex<Integer> index = new RangeIndex<>();
      Map<Integer, KeyRange> model = new HashMap<>();
      for (int step = 0; step < STEPS; step++) {
        if (model.isEmpty() || random.nextInt(5) < 3) {
          KeyRange range = range(random);
          index.add(range, step);
          model.put(step, range);
        } else {
          Integer any = List.copyOf(model.keySet()).get(random.nextInt(model.size()));
          index.remove(model.remove(any), any);
        }
        Bytes key = key(random);
        List<Integer> found = new ArrayList<>();
        index.forEachAt(key, found::add);
        assertThat(found)
            .as("seed %d step %d key %s", seed, step, key)
            .containsExactlyInAnyOrderElementsOf(
                model.entrySet().stream()
                    .filter(entry -> entry.getValue().contains(key))
                    .map(Map.Entry::getKey)
                    .toList());
      }
    }
  }

  /** A flat list would take some ten billion comparisons here, and the test would not end. */
  @Test
  void looksAtFewOfManyRanges() {
    RangeIndex<Integer> index = new RangeIndex<>();
    int ranges = 100_000;
    for (int i = 0; i < ranges; i++) {
      index.add(KeyRange.prefix(Bytes.utf8(String.format("service/%06d/", i))), i);
    }
    for (int i = 0; i < ranges; i++) {
      List<Integer> found = new ArrayList<>();
      index.forEachAt(Bytes.utf8(String.format("service/%06d/member", i)), found::add);
      assertThat(found).containsExactly(i);
    }
  }

  private static KeyRange range(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> KeyRange.single(key(random));
      case 1 -> KeyRange.prefix(key(random));
      case 2 -> new KeyRange(key(random), null);
      default -> {
        Bytes a = key(random);
        Bytes b = key(random);
        yield a.compareTo(b) < 0 ? new KeyRange(a, b) : new KeyRange(b, a);
      }
    };
  }

  private static Bytes key(Random random) {
    byte[] key = new byte[random.nextInt(4)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(4) * 85);
    }
    return Bytes.wrap(key);
  }
}
