package io.leasehold.jepsen.check;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one checker found.
 *
 * @param property as the README lists it: {@code P1}
 * @param reason why, in a sentence; empty if it is OK
 * @param violations the first of them; figure {@code violations} counts all
 * @param figures in the order in which a report shows them
 */
public record Verdict(
    String property,
    Ruling ruling,
    String reason,
    List<Violation> violations,
    Map<String, Double> figures) {
  /** The figure that tells when the first of the violations was proven, in seconds of the run. */
  public static final String FIRST_VIOLATION = "first violation, s";

  public Verdict {
    violations = List.copyOf(violations);
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
  }

  static Verdict notApplicable(String property, String reason) {
    return new Verdict(property, Ruling.NOT_APPLICABLE, reason, List.of(), Map.of());
  }

  static Verdict unknown(String property, String reason) {
    return new Verdict(property, Ruling.UNKNOWN, reason, List.of(), Map.of());
  }

  /** A figure, or 0 if there is none of this name. */
  public double figure(String name) {
    return figures.getOrDefault(name, 0.0);
  }
}
