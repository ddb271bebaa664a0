package io.leasehold.client.internal.keepalive;

import io.leasehold.client.LeaseState;
import io.leasehold.client.LossReason;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One lease that is kept alive.
 *
 * <p>The deadline is one word that any thread may read and judge by the clock. Whoever finds it
 * passed makes it {@link #LOST} by compare-and-set, and from then on no renewal can set another: a
 * lease that anybody was told to be lost is never alive again. Everything else is confined to the
 * owner thread.
 */
public final class Kept extends AtomicLong {
  private static final long serialVersionUID = 1;

  /** No instant: the lease is lost. */
  private static final long LOST = Long.MIN_VALUE;

  static final int NOWHERE = -1;

  final long id;

  private volatile long riskNanos;
  private volatile boolean isConfirmed;
  private volatile @Nullable LossReason reason;

  long ttlNanos;
  long sentNanos;
  long nextSendNanos;
  boolean isKept;
  boolean isTtlKnown;
  boolean isInFlight;

  /** Whether what is in flight was sent for those who kept the lease before. */
  boolean isAnothersInFlight;

  boolean isQueued;
  private volatile boolean isAtRisk;

  /** Who hears of this lease; replaced, never changed, under the lock of {@link KeptLeases}. */
  private transient volatile Subscription[] subscriptions = {};

  // The place in the wheel.
  transient @Nullable Kept previous;
  transient @Nullable Kept next;
  int slot = NOWHERE;

  private Kept(long id, long validUntilNanos) {
    super(instant(validUntilNanos));
    this.id = id;
  }

  /** Returns a lease that was granted or renewed by a request sent at an instant. */
  public static Kept confirmed(long id, long ttlNanos, long sentNanos, DeadlineRule rule) {
    Kept kept = new Kept(id, sentNanos + rule.validNanos(ttlNanos));
    kept.ttlNanos = ttlNanos;
    kept.sentNanos = sentNanos;
    kept.riskNanos = sentNanos + DeadlineRule.riskNanos(ttlNanos);
    kept.isConfirmed = true;
    kept.isTtlKnown = true;
    return kept;
  }

  /** Returns a lease of which nothing is known; it is lost unless it is renewed by an instant. */
  public static Kept unconfirmed(long id, long nowNanos, long untilNanos) {
    Kept kept = new Kept(id, untilNanos);
    kept.ttlNanos = untilNanos - nowNanos;
    kept.sentNanos = nowNanos;
    kept.riskNanos = nowNanos;
    kept.isAtRisk = true;
    return kept;
  }

  private static long instant(long nanos) {
    return nanos == LOST ? LOST + 1 : nanos;
  }

  public long id() {
    return id;
  }

  Subscription[] subscriptions() {
    return subscriptions;
  }

  void subscriptions(Subscription[] all) {
    subscriptions = all;
  }

  /** Returns what may be believed of the lease at an instant. Any thread. */
  public LeaseState state(long nowNanos) {
    if (isLost(nowNanos)) {
      return LeaseState.LOST;
    }
    return nowNanos - riskNanos >= 0 ? LeaseState.AT_RISK : LeaseState.ALIVE;
  }

  /** Returns whether the lease is lost, which it stays. Any thread. */
  public boolean isLost(long nowNanos) {
    while (true) {
      long until = get();
      if (until == LOST) {
        return true;
      }
      if (nowNanos - until < 0) {
        return false;
      }
      if (compareAndSet(until, LOST)) {
        return true;
      }
    }
  }

  /** Returns for how long the lease is certainly held yet. Any thread. */
  public long remainingNanos(long nowNanos) {
    long until = get();
    return until == LOST || !isConfirmed ? 0 : Math.max(0, until - nowNanos);
  }

  /** Returns until when the lease is believed in; the given instant if it is lost. */
  long untilNanos(long nowNanos) {
    long until = get();
    return until == LOST ? nowNanos : until;
  }

  /** Returns why the lease was lost, or null while it is not. Any thread. */
  public @Nullable LossReason lossReason(long nowNanos) {
    if (!isLost(nowNanos)) {
      return null;
    }
    LossReason known = reason;
    return known == null ? reasonOfSilence() : known;
  }

  /** Without risk seen before, this process cannot have run. */
  LossReason reasonOfSilence() {
    return isAtRisk ? LossReason.UNREACHABLE : LossReason.EXPIRED;
  }

  boolean isConfirmed() {
    return isConfirmed;
  }

  boolean isAtRisk() {
    return isAtRisk;
  }

  void isAtRisk(boolean is) {
    isAtRisk = is;
  }

  long riskNanos() {
    return riskNanos;
  }

  /** Takes the answer to the renewal in flight; false if the lease was lost meanwhile. */
  boolean renewed(long ttl, DeadlineRule rule, long nowNanos) {
    long until = instant(sentNanos + rule.validNanos(ttl));
    if (nowNanos - until >= 0) {
      set(LOST);
      return false;
    }
    long before = get();
    // Nobody but the owner thread sets an instant, so the exchange fails only if it was lost.
    if (before == LOST || nowNanos - before >= 0 || !compareAndSet(before, until)) {
      set(LOST);
      return false;
    }
    ttlNanos = ttl;
    riskNanos = sentNanos + DeadlineRule.riskNanos(ttl);
    isConfirmed = true;
    return true;
  }

  void lost(LossReason why) {
    if (reason == null) {
      reason = why;
    }
    set(LOST);
  }
}
