package io.leasehold.jepsen.check;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The verdict on a run.
 *
 * @param each one for each property
 * @param counters what happened, by the names of {@link Counters}
 * @param missing what had to happen and did not, a sentence each
 */
public record Verdicts(List<Verdict> each, Map<String, Double> counters, List<String> missing) {
  public Verdicts {
    each = List.copyOf(each);
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
    missing = List.copyOf(missing);
  }

  /**
   * A violation is one however little happened. Else a run in which too little happened is not
   * valid; else what could not be told counts.
   */
  public Ruling ruling() {
    if (any(Ruling.VIOLATED)) {
      return Ruling.VIOLATED;
    }
    if (!missing.isEmpty()) {
      return Ruling.INVALID;
    }
    if (any(Ruling.UNKNOWN)) {
      return Ruling.UNKNOWN;
    }
    return any(Ruling.OK) ? Ruling.OK : Ruling.NOT_APPLICABLE;
  }

  /** The same with verdicts on what is not part of the history. */
  public Verdicts with(Verdict... others) {
    return new Verdicts(
        Stream.concat(each.stream(), Stream.of(others)).toList(), counters, missing);
  }

  /**
   * The verdict on one property.
   *
   * @throws IllegalArgumentException if there is no such property
   */
  public Verdict of(String property) {
    return each.stream()
        .filter(verdict -> verdict.property().equals(property))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no property " + property));
  }

  private boolean any(Ruling ruling) {
    return each.stream().anyMatch(verdict -> verdict.ruling() == ruling);
  }
}
