package io.leasehold.cli.lock;

import java.time.Duration;

/**
 * When a command is asked to end, and when it is ended, counted back from when the lock is certain
 * no more.
 *
 * @param termAt TERM is sent when so much is left
 * @param killAt KILL is sent when so much is left
 */
record GraceRule(Duration termAt, Duration killAt) {
  /** Renewals come at a third of the TTL: with a third left two have failed. */
  private static final int TERM_SHARE = 3;

  /** For the shell to be woken and to send a signal. */
  private static final Duration KILL_LEAST = Duration.ofMillis(150);

  private static final int KILL_SHARE = 20;

  static GraceRule of(Duration ttl) {
    Duration share = ttl.dividedBy(KILL_SHARE);
    return new GraceRule(
        ttl.dividedBy(TERM_SHARE), share.compareTo(KILL_LEAST) < 0 ? KILL_LEAST : share);
  }

  /** Returns after how long TERM is due. */
  Duration untilTerm(Duration remaining) {
    return notNegative(remaining.minus(termAt));
  }

  /** Returns how long after TERM KILL is due. */
  Duration fromTermToKill(Duration remaining) {
    return notNegative(remaining.minus(untilTerm(remaining)).minus(killAt));
  }

  private static Duration notNegative(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }
}
