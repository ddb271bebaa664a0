package io.leasehold.client;

import io.leasehold.client.internal.EventQueue;
import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease that is kept alive as long as the session is open, and what is built on it. Closing the
 * session revokes the lease, so that its locks and keys are free at once. Any thread.
 */
public final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();

  private final Foundation core;
  private final Duration ttl;
  private final OnLoss onLoss;
  private final List<LeaseListener> listeners = new CopyOnWriteArrayList<>();
  private final Map<String, DistributedLock> locks = new ConcurrentHashMap<>();
  private final AtomicLong holds = new AtomicLong();
  private volatile KeptLease lease;
  private volatile boolean isClosed;

  private Session(Foundation core, GrantedLease first, OnLoss onLoss) {
    this.core = core;
    this.ttl = first.ttl();
    this.onLoss = onLoss;
    this.lease = keep(core, first);
  }

  static Session open(Foundation core, Duration ttl, OnLoss onLoss) {
    return new Session(core, core.leases().grant(ttl), onLoss);
  }

  private KeptLease keep(Foundation on, GrantedLease granted) {
    return on.kept().keep(granted, this::heard, Runnable::run);
  }

  /** Runs on the owner thread, or on the thread that closes the session. */
  private void heard(LeaseEvent event) {
    for (LeaseListener listener : listeners) {
      listener.on(event);
    }
    if (event instanceof LeaseEvent.Lost lost
        && lost.reason() != LossReason.CLOSED
        && onLoss == OnLoss.GRANT_ANEW) {
      grantAnew();
    }
  }

  private void grantAnew() {
    if (isClosed) {
      return;
    }
    var unused =
        core.leases()
            .granted(ttl)
            .whenComplete(
                (granted, failure) -> {
                  if (failure != null) {
                    LOG.debug("a session cannot have a new lease yet", failure);
                    var unusedRetry =
                        core.owner()
                            .executeAt(core.clock().nanoTime() + RETRY_NANOS, this::grantAnew);
                  } else {
                    core.owner().execute(() -> begin(granted));
                  }
                });
  }

  private void begin(GrantedLease granted) {
    synchronized (this) {
      if (!isClosed) {
        lease = keep(core, granted);
      }
    }
    if (isClosed) {
      var unused = core.leases().revokeAsync(granted.id());
    } else {
      heard(new LeaseEvent.Granted(granted.id()));
    }
  }

  Foundation core() {
    return core;
  }

  /** Returns the lease of now. */
  KeptLease lease() {
    return lease;
  }

  /** Returns a number that is the session's once. */
  long nextHold() {
    return holds.incrementAndGet();
  }

  /** Adds a listener that must not block: it holds up all events of the client. */
  void addDirect(LeaseListener listener) {
    listeners.add(listener);
  }

  void remove(LeaseListener listener) {
    boolean unused = listeners.remove(listener);
  }

  /** Returns the ID of the session's lease, the newest if it had several. */
  public long leaseId() {
    return lease.id();
  }

  /** Returns for how long the lease lives after each renewal, as the cluster decided. */
  public Duration ttl() {
    return ttl;
  }

  /** Returns what may be believed of the lease now. */
  public LeaseState state() {
    return isClosed ? LeaseState.LOST : lease.state();
  }

  /** Returns for how long the lease is certainly held yet if no renewal succeeds. */
  public Duration remaining() {
    return isClosed ? Duration.ZERO : lease.remaining();
  }

  /** Returns why the lease was lost, or nothing while it is not. */
  public Optional<LossReason> lossReason() {
    return lease.lossReason();
  }

  /** Tells a listener of all that becomes of the session's leases from now on. */
  public void addListener(LeaseListener listener) {
    EventQueue<LeaseEvent> events = new EventQueue<>(core.callbacks(), listener::on);
    listeners.add(events::tell);
  }

  /**
   * Returns the lock of a name. It excludes everybody who takes the lock of this name, in this
   * session and in others, also by {@code etcdctl lock}.
   */
  public DistributedLock lock(String name) {
    return locks.computeIfAbsent(name, one -> new DistributedLock(this, Line.of(one)));
  }

  /**
   * Returns the read-write lock of a name, which must be the name of nothing else. It excludes
   * those who take it in this session as well as those in others.
   */
  public DistributedReadWriteLock readWriteLock(String name) {
    return new DistributedReadWriteLock(this, name);
  }

  /**
   * Returns the semaphore of a name, which must be the name of nothing else.
   *
   * @param permits how many may have one at once; the same for everybody
   */
  public DistributedSemaphore semaphore(String name, int permits) {
    return new DistributedSemaphore(this, name, permits);
  }

  /**
   * Stops the renewals and revokes the lease. If the cluster cannot be reached, or does not answer
   * while the lease would live, the lease ends when its TTL is over.
   *
   * @throws CallInterruptedException if the thread is interrupted; the lease is being revoked
   */
  @Override
  public void close() {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    boolean isHeld = lease.state() != LeaseState.LOST;
    // Longer there is nothing to revoke.
    long mostNanos = lease.remaining().toNanos();
    lease.close();
    if (isHeld) {
      revoke(lease.id(), mostNanos);
    }
  }

  private void revoke(long id, long mostNanos) {
    try {
      Void unused = core.leases().revoked(id).get(mostNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      LOG.warn("the lease of a session is not revoked yet; it ends by itself at the latest");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LeaseNotFoundException) {
        LOG.debug("the lease of a session had ended before", e);
      } else {
        LOG.warn("the lease of a session could not be revoked; it ends by itself", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(e);
    }
  }

  /** Completes when the lease of now is lost; must not be waited for on the owner thread. */
  CompletableFuture<LossReason> whenLost(KeptLease held) {
    CompletableFuture<LossReason> lost = new CompletableFuture<>();
    LeaseListener listener =
        event -> {
          if (event instanceof LeaseEvent.Lost end && end.leaseId() == held.id()) {
            boolean unused = lost.complete(end.reason());
          }
        };
    addDirect(listener);
    var unused = lost.whenComplete((reason, failure) -> remove(listener));
    held.lossReason().ifPresent(lost::complete);
    return lost;
  }
}
