package io.leasehold.jepsen.client;

import java.util.concurrent.atomic.AtomicLong;

/** Gives out numbers that no other client of the run has had. For any number of threads. */
public final class Processes {
  private final AtomicLong last = new AtomicLong();

  public long next() {
    return last.incrementAndGet();
  }
}
