package io.leasehold.bench.load;

import org.HdrHistogram.Histogram;

/**
 * How long things took, to three digits, from a microsecond to an hour; what lies outside counts as
 * the nearer of the two. One thread at a time.
 */
public final class Latencies {
  private static final long LOWEST_NANOS = 1_000;
  private static final long HIGHEST_NANOS = 3_600_000_000_000L;
  private static final int DIGITS = 3;
  private static final double NANOS_IN_MILLI = 1e6;

  private final Histogram histogram = new Histogram(LOWEST_NANOS, HIGHEST_NANOS, DIGITS);

  public void record(long nanos) {
    histogram.recordValue(Math.min(Math.max(nanos, LOWEST_NANOS), HIGHEST_NANOS));
  }

  public void add(Latencies other) {
    histogram.add(other.histogram);
  }

  public long count() {
    return histogram.getTotalCount();
  }

  /**
   * Returns what so many percent did not exceed, in milliseconds; NaN when nothing was recorded.
   */
  public double millis(double percentile) {
    return count() == 0 ? Double.NaN : histogram.getValueAtPercentile(percentile) / NANOS_IN_MILLI;
  }

  /** Returns the mean in milliseconds; NaN when nothing was recorded. */
  public double meanMillis() {
    return count() == 0 ? Double.NaN : histogram.getMean() / NANOS_IN_MILLI;
  }

  public double maxMillis() {
    return count() == 0 ? Double.NaN : histogram.getMaxValue() / NANOS_IN_MILLI;
  }
}
