package io.leasehold.jepsen.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where a time of the run lies from left to right, in pixels. */
record TimeAxis(long fromNanos, long toNanos, double left, double right) {
  static final String TITLE = "seconds since the start of the run";
  private static final int TICKS_MAX = 12;

  TimeAxis {
    if (toNanos <= fromNanos) {
      throw new IllegalArgumentException("no time from " + fromNanos + " to " + toNanos);
    }
  }

  /** What lies outside is put on the edge. */
  double x(long nanos) {
    double share = (double) (nanos - fromNanos) / (toNanos - fromNanos);
    return left + Math.min(1, Math.max(0, share)) * (right - left);
  }

  boolean shows(long sinceNanos, long untilNanos) {
    return sinceNanos <= toNanos && untilNanos >= fromNanos;
  }

  List<Long> ticks() {
    long stepNanos = stepNanos();
    List<Long> ticks = new ArrayList<>();
    for (long at = -Math.floorDiv(-fromNanos, stepNanos) * stepNanos; at <= toNanos; ) {
      ticks.add(at);
      at += stepNanos;
    }
    return ticks;
  }

  String label(long nanos) {
    int digits = (int) Math.max(0, Math.ceil(-Math.log10(stepNanos() / 1e9) - 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", nanos / 1e9);
  }

  private long stepNanos() {
    return Math.max(1, Math.round(Scale.step((toNanos - fromNanos) / (double) TICKS_MAX)));
  }
}
