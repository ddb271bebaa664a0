package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.History;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects what one checker finds. Confined to one call of it. */
final class Findings {
  /** More proofs of the same are of no use to the reader. */
  private static final int VIOLATIONS_KEPT_MAX = 20;

  private final String property;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, Double> figures = new LinkedHashMap<>();
  private long violationCount;
  private long firstViolationNanos = Long.MAX_VALUE;
  private String unknown = "";

  Findings(String property) {
    this.property = property;
  }

  void violated(String message, @Nullable Entry... proof) {
    violated(new Violation(message, Stream.of(proof).filter(Objects::nonNull).toList()));
  }

  void violated(Violation violation) {
    violationCount++;
    firstViolationNanos = Math.min(firstViolationNanos, provenNanos(violation));
    if (violations.size() < VIOLATIONS_KEPT_MAX) {
      violations.add(violation);
    }
  }

  /** When all had been recorded that proves it. */
  private static long provenNanos(Violation violation) {
    return violation.proof().stream().mapToLong(History::lastNanos).max().orElse(Long.MAX_VALUE);
  }

  /** It holds as far as it could be told. */
  void unknown(String reason) {
    if (unknown.isEmpty()) {
      unknown = reason;
    }
  }

  void figure(String name, double value) {
    figures.put(name, value);
  }

  void figure(String name, long value) {
    figures.put(name, (double) value);
  }

  void count(String name) {
    figures.merge(name, 1.0, Double::sum);
  }

  boolean isClean() {
    return violationCount == 0;
  }

  Verdict verdict() {
    figures.put("violations", (double) violationCount);
    if (violationCount > 0) {
      if (firstViolationNanos < Long.MAX_VALUE) {
        figures.put(Verdict.FIRST_VIOLATION, firstViolationNanos / 1e9);
      }
      return new Verdict(
          property, Ruling.VIOLATED, violations.get(0).message(), violations, figures);
    }
    return new Verdict(
        property, unknown.isEmpty() ? Ruling.OK : Ruling.UNKNOWN, unknown, List.of(), figures);
  }

  /** For a property about which nothing was recorded, unless something broke it all the same. */
  Verdict notApplicableUnlessViolated(String reason) {
    return isClean() ? Verdict.notApplicable(property, reason) : verdict();
  }
}
