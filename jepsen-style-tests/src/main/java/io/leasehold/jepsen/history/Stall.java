package io.leasehold.jepsen.history;

/** A time in which the harness itself did not run, as its canary noticed. */
public record Stall(long fromNanos, long toNanos) implements Entry {
  public Stall {
    if (toNanos < fromNanos) {
      throw new IllegalArgumentException("a stall ended before it began");
    }
  }
}
