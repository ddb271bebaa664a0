package io.leasehold.cli.flag;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go reads and writes them. */
public final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");
  private static final long NANOS_PER_MICRO = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final int DIGITS_MAX = 12;

  private Durations() {}

  /**
   * Reads a duration such as {@code 1m30s}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Duration parse(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher part = PART.matcher(text);
    double nanos = 0;
    int end = 0;
    while (part.find() && part.start() == end && part.group(1).length() <= DIGITS_MAX) {
      nanos += Double.parseDouble(part.group(1)) * unitNanos(part.group(2));
      end = part.end();
    }
    if (end == 0 || end != text.length() || nanos > Long.MAX_VALUE) {
      throw new IllegalArgumentException("no duration: " + text);
    }
    return Duration.ofNanos((long) nanos);
  }

  private static long unitNanos(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "ms" -> NANOS_PER_MILLI;
      case "s" -> NANOS_PER_SECOND;
      case "m" -> 60 * NANOS_PER_SECOND;
      case "h" -> 3600 * NANOS_PER_SECOND;
      default -> NANOS_PER_MICRO;
    };
  }

  /** Writes a duration as Go does: {@code 1.5ms}, {@code 1m30s}. */
  public static String text(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    if (nanos < NANOS_PER_MICRO) {
      return nanos + "ns";
    }
    if (nanos < NANOS_PER_MILLI) {
      return decimal(nanos, NANOS_PER_MICRO) + "µs";
    }
    if (nanos < NANOS_PER_SECOND) {
      return decimal(nanos, NANOS_PER_MILLI) + "ms";
    }
    long minutes = duration.toMinutes();
    String seconds = decimal(nanos - minutes * unitNanos("m"), NANOS_PER_SECOND) + "s";
    if (minutes == 0) {
      return seconds;
    }
    String least = minutes % 60 + "m" + seconds;
    return minutes < 60 ? least : minutes / 60 + "h" + least;
  }

  private static String decimal(long nanos, long unitNanos) {
    String fraction = Long.toString(unitNanos + nanos % unitNanos).substring(1);
    int end = fraction.length();
    while (end > 0 && fraction.charAt(end - 1) == '0') {
      end--;
    }
    return nanos / unitNanos + (end == 0 ? "" : "." + fraction.substring(0, end));
  }
}
