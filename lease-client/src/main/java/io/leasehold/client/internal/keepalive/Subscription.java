package io.leasehold.client.internal.keepalive;

import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseEvent;
import io.leasehold.client.LeaseEvent.Lost;
import io.leasehold.client.LeaseEvent.Renewed;
import io.leasehold.client.LeaseListener;
import io.leasehold.client.LeaseState;
import io.leasehold.client.LossReason;
import io.leasehold.client.internal.time.NanoClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One user's share in a kept lease: the handle that was returned, and the listener's events.
 *
 * <p>Events wait in a short queue for an executor. When a listener is slow, renewals are left out,
 * and of changes of state the newest are kept; nobody waits for it.
 */
final class Subscription implements KeptLease {
  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

  /** Beyond this many waiting events the listener is slow, and is told of no renewals. */
  static final int RENEWALS_WAITING_MAX = 8;

  /** The listener did not run for many changes of state: it hears of the last ones. */
  static final int EVENTS_WAITING_MAX = 16;

  private final Kept kept;
  private final KeptLeases leases;
  private final LeaseListener listener;
  private final NanoClock clock;
  private final Executor executor;

  private @Nullable ArrayDeque<LeaseEvent> waiting;
  private boolean isDelivering;
  private boolean isOver;
  private volatile boolean isClosed;

  Subscription(
      Kept kept, KeptLeases leases, LeaseListener listener, NanoClock clock, Executor executor) {
    this.kept = kept;
    this.leases = leases;
    this.listener = listener;
    this.clock = clock;
    this.executor = executor;
  }

  Kept kept() {
    return kept;
  }

  @Override
  public long id() {
    return kept.id();
  }

  @Override
  public LeaseState state() {
    return isClosed ? LeaseState.LOST : kept.state(clock.nanoTime());
  }

  @Override
  public Duration remaining() {
    return isClosed ? Duration.ZERO : Duration.ofNanos(kept.remainingNanos(clock.nanoTime()));
  }

  @Override
  public Optional<LossReason> lossReason() {
    LossReason reason = kept.lossReason(clock.nanoTime());
    return reason == null && isClosed
        ? Optional.of(LossReason.CLOSED)
        : Optional.ofNullable(reason);
  }

  @Override
  public void close() {
    if (leases.unsubscribe(this)) {
      isClosed = true;
      tell(new Lost(kept.id(), LossReason.CLOSED));
    }
  }

  /** Leaves an event for the listener. Never blocks for long. */
  void tell(LeaseEvent event) {
    synchronized (this) {
      if (isOver) {
        return;
      }
      isOver = event instanceof Lost;
      ArrayDeque<LeaseEvent> queue = waiting;
      if (queue == null) {
        queue = new ArrayDeque<>(2);
        waiting = queue;
      }
      if (event instanceof Renewed && queue.size() >= RENEWALS_WAITING_MAX) {
        return;
      }
      if (queue.size() >= EVENTS_WAITING_MAX) {
        LeaseEvent unused = queue.remove();
      }
      queue.add(event);
      if (isDelivering) {
        return;
      }
      isDelivering = true;
    }
    executor.execute(this::deliver);
  }

  private void deliver() {
    for (LeaseEvent event; (event = next()) != null; ) {
      try {
        listener.on(event);
      } catch (RuntimeException | Error e) {
        // An error, too, must not keep it from hearing of what comes next.
        LOG.warn("a listener of lease {} failed", Long.toHexString(kept.id()), e);
      }
    }
  }

  private synchronized @Nullable LeaseEvent next() {
    LeaseEvent event = waiting == null ? null : waiting.poll();
    if (event == null) {
      isDelivering = false;
      // Most leases have no events most of the time.
      waiting = null;
    }
    return event;
  }
}
