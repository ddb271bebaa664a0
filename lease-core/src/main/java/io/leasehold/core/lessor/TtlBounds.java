package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;

/**
 * Shortest and longest time to live. Shorter requests are raised, longer ones refused.
 *
 * @param minMillis at least the time an election may take, or a lease could lapse before any leader
 *     serves its renewal
 */
public record TtlBounds(long minMillis) {
  /** Answer of {@link #effectiveMillis} to a request above the maximum. */
  public static final long TOO_LARGE = -1;

  private static final long TTL_MAX_SECONDS = Command.TTL_MAX_MILLIS / 1000;

  public TtlBounds {
    if (minMillis <= 0 || minMillis > Command.TTL_MAX_MILLIS) {
      throw new IllegalArgumentException("minimum TTL out of range: " + minMillis + " ms");
    }
  }

  /** Returns etcd's bound: one and a half election timeouts, in whole seconds, rounded up. */
  public static TtlBounds ofElectionTimeout(long electionTimeoutMillis) {
    long minSeconds = (electionTimeoutMillis * 3 + 1999) / 2000;
    return new TtlBounds(Math.max(1, minSeconds) * 1000);
  }

  /**
   * Returns the TTL to grant, in milliseconds, to a request of {@code seconds}, or {@link
   * #TOO_LARGE}.
   */
  public long effectiveMillis(long seconds) {
    if (seconds > TTL_MAX_SECONDS) {
      return TOO_LARGE;
    }
    return seconds <= 0 ? minMillis : Math.max(minMillis, seconds * 1000);
  }
}
