package io.leasehold.bench.etcd;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers that follow each other, each given out once, up to a limit. For any thread. */
public final class Tickets {
  private final AtomicLong next;
  private final long first;
  private final long limit;

  private Tickets(long first, long limit) {
    this.next = new AtomicLong(first);
    this.first = first;
    this.limit = limit;
  }

  /** From 0 on. */
  public static Tickets unlimited() {
    return new Tickets(0, Long.MAX_VALUE);
  }

  /** From 0 on, the limit itself left out. */
  public static Tickets upTo(long limit) {
    return new Tickets(0, limit);
  }

  /** From the first on, the limit itself left out. */
  public static Tickets between(long first, long limit) {
    return new Tickets(first, limit);
  }

  /** Returns the next number; -1 when all have been given out. */
  long next() {
    long ticket = next.getAndIncrement();
    return ticket < limit ? ticket : -1;
  }

  /** How many have been given out. */
  public long given() {
    return Math.min(next.get(), limit) - first;
  }
}
