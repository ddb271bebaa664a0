package io.leasehold.client.internal.keepalive;

import java.time.Duration;

/**
 * The arithmetic of the client's deadlines.
 *
 * <p>The cluster ends a lease no earlier than TTL after a renewal was sent, by its own clocks. The
 * client stops believing a margin earlier, since its clock may run slower than theirs. So it knows
 * that the lease may be lost before anybody else can have it.
 *
 * @param driftShare by how much the rates of two clocks may differ, as a share: 0.01 is far more
 *     than hardware shows
 */
public record DeadlineRule(double driftShare) {
  /** Covers how coarse a clock may be, and that two instants are never read at once. */
  static final long MARGIN_MIN_NANOS = Duration.ofMillis(10).toNanos();

  /** Longer than any process runs; keeps instants comparable by subtraction. */
  static final long TTL_MAX_SECONDS = Duration.ofDays(36_500).toSeconds();

  static final long TTL_MAX_NANOS = Duration.ofSeconds(TTL_MAX_SECONDS).toNanos();

  /** A margin of half the TTL would leave no room for renewals. */
  private static final double DRIFT_SHARE_MAX = 0.2;

  public DeadlineRule {
    if (!(driftShare >= 0 && driftShare <= DRIFT_SHARE_MAX)) {
      throw new IllegalArgumentException(
          "clock drift must be between 0 and " + DRIFT_SHARE_MAX + ": " + driftShare);
    }
  }

  /** Returns a TTL of the wire in nanoseconds. */
  public static long ttlNanos(long ttlSeconds) {
    return Duration.ofSeconds(Math.min(ttlSeconds, TTL_MAX_SECONDS)).toNanos();
  }

  /** Returns a TTL of the wire in nanoseconds. */
  public static long ttlNanosOfMillis(long ttlMillis) {
    return Duration.ofMillis(Math.min(ttlMillis, TTL_MAX_SECONDS * 1000)).toNanos();
  }

  /** Returns for how long a lease may be believed in, from when its renewal was sent. */
  public long validNanos(long ttlNanos) {
    return ttlNanos - Math.max(MARGIN_MIN_NANOS, (long) (ttlNanos * driftShare));
  }

  /** Returns after how long without an answered renewal a lease is at risk. */
  static long riskNanos(long ttlNanos) {
    return ttlNanos / 3 * 2;
  }
}
