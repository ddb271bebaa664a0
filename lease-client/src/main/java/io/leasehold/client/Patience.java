package io.leasehold.client;

import io.leasehold.client.internal.time.NanoClock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long somebody is ready to wait, from when this is made. Any thread. */
final class Patience {
  private static final Duration MAX = Duration.ofDays(36_500);

  private final NanoClock clock;
  private final long untilNanos;
  private final boolean isEndless;

  private Patience(NanoClock clock, @Nullable Duration most) {
    this.clock = clock;
    this.isEndless = most == null;
    this.untilNanos = most == null ? 0 : clock.nanoTime() + least(most, MAX).toNanos();
  }

  static Patience endless(NanoClock clock) {
    return new Patience(clock, null);
  }

  static Patience of(NanoClock clock, Duration most) {
    return new Patience(clock, most);
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  boolean isEndless() {
    return isEndless;
  }

  /** Returns what is left, at least 0. */
  long leftNanos() {
    return isEndless ? Long.MAX_VALUE : Math.max(0, untilNanos - clock.nanoTime());
  }
}
