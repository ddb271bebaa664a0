package io.leasehold.jepsen.report;

import java.util.ArrayList;
import java.util.List;

/** Where a value lies between the bottom of a picture, 0, and its top, 1. */
final class Scale {
  private static final int TICKS_MAX = 5;

  private final double least;
  private final double most;
  private final boolean logarithmic;

  private Scale(double least, double most, boolean logarithmic) {
    this.least = least;
    this.most = most;
    this.logarithmic = logarithmic;
  }

  /** From 0 to a round number that is not less than this. */
  static Scale linear(double most) {
    double step = step(most / TICKS_MAX);
    return new Scale(0, Math.max(1, Math.ceil(most / step - 1e-9)) * step, false);
  }

  /** Between two whole numbers, with room around them. */
  static Scale whole(long least, long most) {
    return new Scale(least - 0.5, most + 0.5, false);
  }

  /** Between the powers of ten around these, which are both positive. */
  static Scale logarithmic(double least, double most) {
    double from = Math.pow(10, Math.floor(Math.log10(least) + 1e-9));
    double to = Math.pow(10, Math.ceil(Math.log10(most) - 1e-9));
    return new Scale(from, to > from ? to : from * 10, true);
  }

  /** What lies outside is put on the edge. */
  double share(double value) {
    double share =
        logarithmic
            ? Math.log10(Math.max(value, least) / least) / Math.log10(most / least)
            : (value - least) / (most - least);
    return Math.min(1, Math.max(0, share));
  }

  double most() {
    return most;
  }

  /** The round values within, from the least on. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      for (int power = (int) Math.round(Math.log10(least)); Math.pow(10, power) <= most * 1.001; ) {
        ticks.add(Math.pow(10, power));
        power++;
      }
      return ticks;
    }
    double step = step((most - least) / TICKS_MAX);
    if (least != 0) {
      step = Math.max(1, step);
    }
    for (long i = (long) Math.ceil(least / step); i * step <= most * (1 + 1e-9); i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** The least of 1, 2 and 5 times a power of ten that is not less than this. */
  static double step(double least) {
    if (!(least > 0)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }
}
