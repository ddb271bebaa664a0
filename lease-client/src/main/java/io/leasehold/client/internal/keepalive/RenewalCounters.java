package io.leasehold.client.internal.keepalive;

import io.leasehold.client.LossReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What happened to renewals, for whoever counts. Written by the owner thread, read by any. */
public final class RenewalCounters {
  private volatile int kept;
  private final LongAdder sent = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder roundTripNanos = new LongAdder();
  private final LongAdder opened = new LongAdder();
  private final Map<LossReason, LongAdder> lost = new EnumMap<>(LossReason.class);

  public RenewalCounters() {
    for (LossReason reason : LossReason.values()) {
      lost.put(reason, new LongAdder());
    }
  }

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
    of(reason).increment();
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
    return of(reason).sum();
  }

  private LongAdder of(LossReason reason) {
    return Objects.requireNonNull(lost.get(reason));
  }
}
