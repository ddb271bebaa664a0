package io.leasehold.jepsen.history;

/**
 * A fault that really happened, from its start until it was healed.
 *
 * @param kind as the nemesis calls it
 * @param target the members it hit
 */
public record FaultWindow(String kind, String target, long fromNanos, long toNanos)
    implements Entry {
  public FaultWindow {
    if (toNanos < fromNanos) {
      throw new IllegalArgumentException(kind + " ended before it began");
    }
  }

  public boolean overlaps(long sinceNanos, long untilNanos) {
    return fromNanos <= untilNanos && toNanos >= sinceNanos;
  }
}
