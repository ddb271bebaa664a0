package io.leasehold.client.internal.keepalive;

import io.leasehold.client.LossReason;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What happened to renewals, for whoever counts. Written by the owner thread, read by any. */
public final class RenewalCounters {
  private volatile int kept;
  private final LongAdder sent = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder roundTripNanos = new LongAdder();
  private final LongAdder opened = new LongAdder();
  private final AtomicLongArray lost = new AtomicLongArray(LossReason.values().length);

  void kept(int leases) {
    kept = leases;
  }

  void sent() {
    sent.increment();
  }

  void answered(long tookNanos) {
    answered.increment();
    roundTripNanos.add(tookNanos);
  }

  void opened() {
    opened.increment();
  }

  void lost(int leasesLeft, LossReason reason) {
    kept = leasesLeft;
    long unused = lost.incrementAndGet(reason.ordinal());
  }

  public int leasesKept() {
    return kept;
  }

  public long renewalsSent() {
    return sent.sum();
  }

  public long renewalsAnswered() {
    return answered.sum();
  }

  public long roundTripNanos() {
    return roundTripNanos.sum();
  }

  public long streamsOpened() {
    return opened.sum();
  }

  public long lost(LossReason reason) {
    return lost.get(reason.ordinal());
  }
}
