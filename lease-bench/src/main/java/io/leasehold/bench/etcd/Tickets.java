package io.leasehold.bench.etcd;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers from 0 on, each given out once, up to a limit. For any thread. */
public final class Tickets {
  private final AtomicLong next = new AtomicLong();
  private final long limit;

  private Tickets(long limit) {
    this.limit = limit;
  }

  public static Tickets unlimited() {
    return new Tickets(Long.MAX_VALUE);
  }

  public static Tickets upTo(long limit) {
    return new Tickets(limit);
  }

  /** Returns the next number; -1 when all have been given out. */
  long next() {
    long ticket = next.getAndIncrement();
    return ticket < limit ? ticket : -1;
  }

  /** How many have been given out. */
  public long given() {
    return Math.min(next.get(), limit);
  }
}
