package io.leasehold.jepsen.report;

/** Cuts a run into equal pieces of a round length. */
record Buckets(long widthNanos, int count, long endNanos) {
  static final int COUNT_MAX = 240;
  private static final double WIDTH_NANOS_MIN = 1e8;

  static Buckets over(long endNanos) {
    long width = Math.round(Scale.step(Math.max(WIDTH_NANOS_MIN, (double) endNanos / COUNT_MAX)));
    return new Buckets(width, (int) (endNanos / width) + 1, endNanos);
  }

  int of(long nanos) {
    return (int) Math.min(count - 1L, Math.max(0, nanos) / widthNanos);
  }

  long fromNanos(int bucket) {
    return bucket * widthNanos;
  }

  long middleNanos(int bucket) {
    return Math.min(endNanos, bucket * widthNanos + widthNanos / 2);
  }

  /** The last one is cut short by the end of the run. */
  double seconds(int bucket) {
    return Math.min(widthNanos, endNanos - fromNanos(bucket)) / 1e9;
  }

  /** Too little of the last one may be there to say how much happened in a second of it. */
  boolean isLongEnough(int bucket) {
    return seconds(bucket) * 1e9 * 4 >= widthNanos;
  }
}
