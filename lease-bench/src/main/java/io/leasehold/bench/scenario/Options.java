package io.leasehold.bench.scenario;

import org.jspecify.annotations.Nullable;

/**
 * What the command line says instead of a scenario's own defaults.
 *
 * @param seconds to measure; 0 for the default
 * @param warmUpSeconds -1 for the default
 * @param leases 0 for the default
 * @param ratePerSecond of the operations of a load, at equal distances; 0 for a closed loop
 * @param route null for the default
 */
public record Options(
    int seconds, int warmUpSeconds, int leases, double ratePerSecond, @Nullable Route route) {
  public static final Options DEFAULTS = new Options(0, -1, 0, 0, null);

  public Options {
    if (seconds < 0 || warmUpSeconds < -1 || leases < 0 || ratePerSecond < 0) {
      throw new IllegalArgumentException("a number is negative");
    }
  }
}
