package io.leasehold.jepsen.report;

import java.util.Locale;

/** Numbers with their units, as people read them. */
final class Quantities {
  private static final double SECOND_NANOS = 1e9;

  private Quantities() {}

  /** A time of the run, in seconds since its start. */
  static String time(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", nanos / SECOND_NANOS);
  }

  /** How long something took. */
  static String length(long nanos) {
    return length((double) nanos);
  }

  static String length(double nanos) {
    double size = Math.abs(nanos);
    if (size >= SECOND_NANOS) {
      return number(nanos / SECOND_NANOS) + " s";
    } else if (size >= 1e6) {
      return number(nanos / 1e6) + " ms";
    } else if (size >= 1e3) {
      return number(nanos / 1e3) + " µs";
    }
    return number(nanos) + " ns";
  }

  static String millis(double millis) {
    return millis == 0 ? "0 ms" : length(millis * 1e6);
  }

  /** Whole numbers as they are, others with three digits that count. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    double size = Math.abs(value);
    String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.01 ? "%.2f" : "%.2g";
    return String.format(Locale.ROOT, format, value);
  }

  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String bytes(long bytes) {
    if (bytes >= 1 << 20) {
      return number((double) bytes / (1 << 20)) + " MiB";
    }
    return bytes >= 1 << 10 ? number((double) bytes / (1 << 10)) + " KiB" : bytes + " bytes";
  }

  /** {@code 1 lease}, {@code 2 leases}. */
  static String count(long count, String one) {
    return number(count) + " " + (count == 1 ? one : one + "s");
  }
}
