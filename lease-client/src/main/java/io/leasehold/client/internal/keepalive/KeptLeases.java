package io.leasehold.client.internal.keepalive;

import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseEvent;
import io.leasehold.client.LeaseEvent.Lost;
import io.leasehold.client.LeaseListener;
import io.leasehold.client.internal.time.NanoClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Who keeps which lease: several users may keep one lease alive, and it is renewed once for all of
 * them. Any thread; what is decided is handed to the engine on the owner thread.
 */
public final class KeptLeases implements KeepAliveEngine.Audience {
  /** How long the first answer may take for a lease of which nothing is known. */
  static final Duration FIRST_ANSWER_MAX = Duration.ofSeconds(5);

  private final NanoClock clock;
  private final DeadlineRule rule;
  private final Executor callbacks;
  private final Consumer<Kept> start;
  private final Consumer<Kept> stop;
  private final Map<Long, Kept> leases = new HashMap<>();

  /** {@code start} and {@code stop} are called on any thread and must not block. */
  public KeptLeases(
      NanoClock clock,
      DeadlineRule rule,
      Executor callbacks,
      Consumer<Kept> start,
      Consumer<Kept> stop) {
    this.clock = clock;
    this.rule = rule;
    this.callbacks = callbacks;
    this.start = start;
    this.stop = stop;
  }

  /** Keeps a lease that was granted or renewed. */
  public KeptLease keep(GrantedLease lease, LeaseListener listener) {
    return keep(lease, listener, callbacks);
  }

  /** Keeps a lease whose listener runs on an executor. */
  public KeptLease keep(GrantedLease lease, LeaseListener listener, Executor executor) {
    long ttl = DeadlineRule.ttlNanos(lease.ttl().toSeconds());
    long sent = lease.validUntilNanos() - rule.validNanos(ttl);
    return subscribe(Kept.confirmed(lease.id(), ttl, sent, rule), listener, executor);
  }

  /** Keeps a lease of which only the ID is known. */
  public KeptLease keep(long id, LeaseListener listener) {
    long now = clock.nanoTime();
    return subscribe(
        Kept.unconfirmed(id, now, now + FIRST_ANSWER_MAX.toNanos()), listener, callbacks);
  }

  private KeptLease subscribe(Kept fresh, LeaseListener listener, Executor executor) {
    Subscription subscription;
    synchronized (this) {
      Kept kept = leases.get(fresh.id());
      boolean isNew = kept == null || kept.isLost(clock.nanoTime());
      if (kept == null || isNew) {
        kept = fresh;
        leases.put(kept.id(), kept);
      }
      subscription = new Subscription(kept, this, listener, clock, executor);
      Subscription[] before = kept.subscriptions();
      Subscription[] all = Arrays.copyOf(before, before.length + 1);
      all[before.length] = subscription;
      kept.subscriptions(all);
      if (isNew) {
        start.accept(kept);
      }
    }
    return subscription;
  }

  /** Takes a subscription out; false if it is out already. */
  synchronized boolean unsubscribe(Subscription subscription) {
    Kept kept = subscription.kept();
    Subscription[] before = kept.subscriptions();
    Subscription[] rest =
        Arrays.stream(before).filter(one -> one != subscription).toArray(Subscription[]::new);
    if (rest.length == before.length) {
      return false;
    }
    kept.subscriptions(rest);
    if (rest.length == 0) {
      boolean unused = leases.remove(kept.id(), kept);
      stop.accept(kept);
    }
    return true;
  }

  @Override
  public void tell(Kept kept, LeaseEvent event) {
    Subscription[] all = kept.subscriptions();
    if (event instanceof Lost) {
      synchronized (this) {
        boolean unused = leases.remove(kept.id(), kept);
        all = kept.subscriptions();
      }
    }
    for (Subscription subscription : all) {
      subscription.tell(event);
    }
  }
}
