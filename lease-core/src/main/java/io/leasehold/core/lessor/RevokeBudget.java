package io.leasehold.core.lessor;

/**
 * How many leases expiry may end now: commands under way, and leases a second where a rate is set
 * (a token bucket that holds at most one second's worth).
 *
 * <p>Confined to the owner thread.
 */
final class RevokeBudget {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final LessorConfig config;
  private int inFlight;
  private long tokens;
  private long filledNanos;

  RevokeBudget(LessorConfig config, long nowNanos) {
    this.config = config;
    this.filledNanos = nowNanos;
  }

  /** Returns how many leases the next command may carry; 0 means wait. */
  int available(long nowNanos) {
    if (inFlight >= config.revokesInFlightMax()) {
      return 0;
    }
    if (config.revokeRatePerSecond() == 0) {
      return config.revokeBatchMax();
    }
    fill(nowNanos);
    return (int) Math.min(tokens, config.revokeBatchMax());
  }

  /** Notes that a command with {@code leases} leases is under way. */
  void began(int leases) {
    inFlight++;
    tokens -= leases;
  }

  /** Notes that a command's fate is known. */
  void ended() {
    inFlight--;
  }

  private void fill(long nowNanos) {
    long rate = config.revokeRatePerSecond();
    long elapsed = Math.min(nowNanos - filledNanos, NANOS_PER_SECOND);
    long earned = (long) ((double) elapsed * rate / NANOS_PER_SECOND);
    if (earned > 0) {
      tokens = Math.min(Math.max(tokens, 0) + earned, rate);
      filledNanos = nowNanos;
    }
  }
}
