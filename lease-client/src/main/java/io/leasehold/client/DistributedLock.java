package io.leasehold.client;

import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

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
  private final Session session;
  private final Foundation core;
  private final Line line;

  /** Orders the threads of this process; whoever has it may use the fields below. */
  private final ReentrantLock local = new ReentrantLock(true);

  /** Written by the thread that has {@link #local}, read by any. */
  private volatile @Nullable Place held;

  /** A place that was given up, but of which that is not yet certain. */
  private CompletableFuture<Void> release = CompletableFuture.completedFuture(null);

  DistributedLock(Session session, Line line) {
    this.session = session;
    this.core = session.core();
    this.line = line;
  }

  /**
   * Takes the lock, however long that takes; an interrupt does not end the wait.
   *
   * @throws LeaseLostException when the session's lease is lost
   * @throws LeaseholdException if the cluster cannot be asked, or does not answer; the lock is not
   *     taken, and stands in nobody's way
   */
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

  /**
   * Takes the lock if it is free now. Asks the cluster, unless this thread holds it, and so waits
   * for an answer for as long as a request may take.
   *
   * @throws LeaseLostException when the session's lease is lost
   */
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

  /**
   * Takes the lock if it can be had within a time.
   *
   * @throws LeaseLostException when the session's lease is lost
   */
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
      throw Admission.interrupted(e);
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
    Place place =
        Admission.seek(
            session,
            lease,
            line,
            line.key(lease.id()),
            patience,
            isToWait,
            withdrawn -> release = withdrawn.done());
    held = place;
    return place != null;
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

  private LeaseLostException lost(@Nullable Place place) {
    if (place != null) {
      return place.lost();
    }
    LossReason reason = session.lossReason().orElse(LossReason.CLOSED);
    return new LeaseLostException("the lease that holds the lock is lost: " + reason, reason);
  }

  /**
   * Gives the lock back. When the cluster cannot be reached, or says nothing until the lease is
   * lost, this goes on in the background until the lease ends. Never fails because the lock was
   * lost: that is over all the same.
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
        Withdrawal withdrawal = Withdrawal.start(session, place.lease(), place::leave);
        release = withdrawal.done();
        Withdrawal unused = withdrawal.awaitFirst();
      }
    } finally {
      local.unlock();
    }
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
      return GuardedWork.run(session, place, work);
    } finally {
      unlock();
    }
  }
}
