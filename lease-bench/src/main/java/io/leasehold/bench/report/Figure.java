package io.leasehold.bench.report;

/**
 * One thing that was measured.
 *
 * @param name with its unit at the end
 * @param value NaN when there was nothing to measure it by
 */
public record Figure(String name, double value, Better better) {
  /** Which of two values is the better one. */
  public enum Better {
    HIGHER,
    LOWER,
    /** Neither: it says how something was measured. */
    NEITHER
  }

  public static Figure higher(String name, double value) {
    return new Figure(name, value, Better.HIGHER);
  }

  public static Figure lower(String name, double value) {
    return new Figure(name, value, Better.LOWER);
  }

  /** A number of things. */
  public static Figure fact(String name, long count) {
    return fact(name, (double) count);
  }

  public static Figure fact(String name, double value) {
    return new Figure(name, value, Better.NEITHER);
  }
}
