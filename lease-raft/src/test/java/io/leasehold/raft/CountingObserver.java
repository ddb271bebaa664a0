package io.leasehold.raft;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts what it hears of applying and promoting, and passes over the rest. */
public final class CountingObserver implements ReplicaObserver {
  private final AtomicInteger applies = new AtomicInteger();
  private final AtomicInteger promotions = new AtomicInteger();

  public int applies() {
    return applies.get();
  }

  public int promotions() {
    return promotions.get();
  }

  @Override
  public void applied(long nanos) {
    applies.incrementAndGet();
  }

  @Override
  public void promoted(long nanos) {
    promotions.incrementAndGet();
  }

  @Override
  public void expired(long latenessNanos) {}

  @Override
  public void checkpointed(int count, long latenessNanos) {}

  @Override
  public void stalled(long nanos) {}

  @Override
  public void fencedOff(int count) {}
}
