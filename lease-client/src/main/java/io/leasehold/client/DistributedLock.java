package io.leasehold.client;

import io.leasehold.client.internal.ClientCore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that one thread in the whole cluster holds, as long as its session's lease is alive.
 *
 * <p>Fair: whoever asked first has it first. Reentrant for each thread; a thread that holds it is
 * answered without a request. Threads of one session wait for each other in this process.
 *
 * <p><b>A lock is not a mutex.</b> Its holder may be paused for longer than the TTL; then somebody
 * else has the lock while the holder's last write is still on its way. {@link #isHeld()} says so as
 * soon as this process runs again, {@link #runWhileHeld} interrupts the work before, and the {@link
 * #fencingToken()} lets a resource refuse what comes late.
 */
public final class DistributedLock implements Lock {
  private static final Logger LOG = LoggerFactory.getLogger(DistributedLock.class);
  private static final long RELEASE_RETRY_NANOS = Duration.ofMillis(500).toNanos();

  private final Session session;
  private final ClientCore core;
  private final Bytes prefix;

  /** Orders the threads of this process; whoever has it may use the fields below. */
  private final ReentrantLock local = new ReentrantLock(true);

  /** Written by the thread that has {@link #local}, read by any. */
  private volatile @Nullable Place held;

  /** A place that was given up, but of which that is not yet certain. */
  private CompletableFuture<Void> release = CompletableFuture.completedFuture(null);

  DistributedLock(Session session, Bytes prefix) {
    this.session = session;
    this.core = session.core();
    this.prefix = prefix;
  }

  /** Takes the lock, however long that takes; an interrupt does not end the wait. */
  @Override
  public void lock() {
    boolean wasInterrupted = false;
    try {
      while (true) {
        try {
          lockInterruptibly();
          return;
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Takes the lock, however long that takes.
   *
   * @throws LeaseLostException when the session's lease is lost
   */
  @Override
  public void lockInterruptibly() throws InterruptedException {
    local.lockInterruptibly();
    boolean unused = acquireOrFree(Patience.endless(core.clock()), true);
  }

  /** Takes the lock if it is free now. Asks the cluster, unless this thread holds it. */
  @Override
  public boolean tryLock() {
    if (!local.tryLock()) {
      return false;
    }
    try {
      return acquireOrFree(Patience.of(core.clock(), Duration.ZERO), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Takes the lock if it can be had within a time. */
  public boolean tryLock(Duration most) throws InterruptedException {
    Patience patience = Patience.of(core.clock(), most);
    return local.tryLock(patience.leftNanos(), TimeUnit.NANOSECONDS)
        && acquireOrFree(patience, true);
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    return tryLock(Duration.of(time, unit.toChronoUnit()));
  }

  /** Has {@link #local}; keeps it exactly if this returns true. */
  private boolean acquireOrFree(Patience patience, boolean isToWait) throws InterruptedException {
    boolean isHeld = false;
    try {
      isHeld = local.getHoldCount() > 1 ? heldAgain() : acquire(patience, isToWait);
      return isHeld;
    } catch (CallInterruptedException e) {
      boolean unused = Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("while taking a lock");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      if (!isHeld) {
        local.unlock();
      }
    }
  }

  private boolean heldAgain() {
    Place place = held;
    if (place == null || place.lease().state() == LeaseState.LOST) {
      throw lost(place);
    }
    return true;
  }

  private boolean acquire(Patience patience, boolean isToWait) throws InterruptedException {
    KeptLease lease = session.lease();
    if (session.state() == LeaseState.LOST) {
      throw lost(null);
    }
    if (!awaitRelease(patience)) {
      return false;
    }
    Place place = take(lease);
    boolean isMine = false;
    CompletableFuture<LossReason> lost = session.whenLost(lease);
    try {
      isMine = place.isFirst() || (isToWait && place.awaitTurn(lost, patience));
    } finally {
      boolean unused = lost.cancel(false);
      if (!isMine) {
        giveUp(place.lease(), place::leave);
      }
    }
    if (!isMine) {
      return false;
    }
    if (lease.state() == LeaseState.LOST) {
      throw lost(place);
    }
    held = place;
    return true;
  }

  private boolean awaitRelease(Patience patience) throws InterruptedException {
    try {
      Void unused = release.get(patience.leftNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Place take(KeptLease lease) {
    try {
      return Place.take(core, prefix, lease, Bytes.empty());
    } catch (RefusedException | LeaseLostException e) {
      throw e;
    } catch (LeaseholdException e) {
      // The place may have been taken all the same, and would stand in everybody's way.
      giveUp(lease, () -> Place.abandon(core, prefix, lease));
      throw e;
    }
  }

  private static LeaseLostException lost(@Nullable Place place) {
    LossReason reason =
        place == null ? LossReason.CLOSED : place.lease().lossReason().orElse(LossReason.CLOSED);
    return new LeaseLostException("the lease that holds the lock is lost: " + reason, reason);
  }

  /**
   * Gives the lock back. When the cluster cannot be reached, this goes on in the background until
   * the lease ends. Never fails because the lock was lost: that is over all the same.
   *
   * @throws IllegalMonitorStateException if this thread does not have the lock
   */
  @Override
  public void unlock() {
    if (!local.isHeldByCurrentThread()) {
      throw new IllegalMonitorStateException("the lock is not held by this thread");
    }
    try {
      Place place = held;
      if (local.getHoldCount() == 1 && place != null) {
        held = null;
        giveUp(place.lease(), place::leave);
      }
    } finally {
      local.unlock();
    }
  }

  /** Has {@link #local}. Waits for the first attempt alone. */
  private void giveUp(KeptLease lease, Supplier<CompletableFuture<TxnResult>> leave) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Void> first = new CompletableFuture<>();
    release = done;
    attempt(lease, leave, done, first);
    Void unused = first.join();
  }

  private void attempt(
      KeptLease lease,
      Supplier<CompletableFuture<TxnResult>> leave,
      CompletableFuture<Void> done,
      CompletableFuture<Void> first) {
    if (lease.state() == LeaseState.LOST) {
      // The key ends with the lease, and this session never uses it again.
      done.complete(null);
      first.complete(null);
      return;
    }
    var unused =
        leave
            .get()
            .whenComplete(
                (result, failure) -> {
                  if (failure == null) {
                    done.complete(null);
                  } else {
                    LOG.debug("a lock of {} cannot be given back yet", prefix, failure);
                    var unusedRetry =
                        core.owner()
                            .executeAt(
                                core.clock().nanoTime() + RELEASE_RETRY_NANOS,
                                () -> attempt(lease, leave, done, first));
                  }
                  first.complete(null);
                });
  }

  /** Not supported: a condition would have to be waited for in the whole cluster. */
  @Override
  public java.util.concurrent.locks.Condition newCondition() {
    throw new UnsupportedOperationException("a distributed lock has no conditions");
  }

  /** Returns whether a thread of this session holds the lock, as certainly as can be said now. */
  public boolean isHeld() {
    Place place = held;
    return place != null && place.lease().state() != LeaseState.LOST;
  }

  /** Returns whether this thread holds the lock, as certainly as can be said now. */
  public boolean isHeldByCurrentThread() {
    return local.isHeldByCurrentThread() && isHeld();
  }

  /** Returns for how long the lock is certainly held yet if no renewal succeeds. */
  public Duration remaining() {
    Place place = held;
    return place == null ? Duration.ZERO : place.lease().remaining();
  }

  /**
   * Returns a number that is larger for every later holder. Send it with what you write, and have
   * the resource refuse what carries a smaller one than it has seen.
   *
   * @throws IllegalMonitorStateException if the lock is not held
   */
  public long fencingToken() {
    Place place = held;
    if (place == null) {
      throw new IllegalMonitorStateException("the lock is not held");
    }
    return place.createRevision();
  }

  /** Returns the key that stands for holding the lock now; with the token, a condition. */
  public Optional<Bytes> key() {
    Place place = held;
    return place == null ? Optional.empty() : Optional.of(place.key());
  }

  /**
   * Takes the lock, runs some work, and gives the lock back. The thread is interrupted as soon as
   * the lease is at risk, a third of its TTL before it is lost; the work should end then.
   *
   * @throws LeaseLostException if the lock was lost before the work was done, or the work gave up
   *     because of the risk
   */
  public <T> T runWhileHeld(Callable<T> work) throws Exception {
    lockInterruptibly();
    try {
      Place place = held;
      if (place == null) {
        throw lost(null);
      }
      return guarded(place, work);
    } finally {
      unlock();
    }
  }

  private <T> T guarded(Place place, Callable<T> work) throws Exception {
    Interrupter interrupter = new Interrupter(Thread.currentThread());
    LeaseListener listener =
        event -> {
          if (event instanceof LeaseEvent.AtRisk || event instanceof LeaseEvent.Lost) {
            interrupter.interrupt();
          }
        };
    session.addDirect(listener);
    try {
      if (place.lease().state() != LeaseState.ALIVE) {
        interrupter.interrupt();
      }
      T result = work.call();
      interrupter.stop();
      if (place.lease().state() == LeaseState.LOST) {
        throw lost(place);
      }
      return result;
    } catch (InterruptedException e) {
      if (interrupter.stop()) {
        LeaseLostException atRisk =
            new LeaseLostException(
                "the work was interrupted because the lock is at risk",
                place.lease().lossReason().orElse(LossReason.UNREACHABLE));
        atRisk.addSuppressed(e);
        throw atRisk;
      }
      throw e;
    } finally {
      boolean unused = interrupter.stop();
      session.remove(listener);
    }
  }

  /** Interrupts a thread at most once, and not after it was stopped. */
  private static final class Interrupter {
    private final Thread thread;
    private boolean isStopped;
    private boolean hasInterrupted;

    Interrupter(Thread thread) {
      this.thread = thread;
    }

    synchronized void interrupt() {
      if (!isStopped && !hasInterrupted) {
        hasInterrupted = true;
        thread.interrupt();
      }
    }

    /** Takes back an interrupt that was not noticed; returns whether there was one. */
    synchronized boolean stop() {
      if (!isStopped) {
        isStopped = true;
        if (hasInterrupted) {
          boolean unused = Thread.interrupted();
        }
      }
      return hasInterrupted;
    }
  }
}
