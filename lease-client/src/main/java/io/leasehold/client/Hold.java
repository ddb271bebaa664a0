package io.leasehold.client;

import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A share of a {@link DistributedReadWriteLock}, or a permit of a {@link DistributedSemaphore}:
 * held from when it was returned until it is closed, or its session's lease is lost. It belongs to
 * no thread.
 *
 * <p>Like a lock, it does not keep the last write of a paused holder from arriving late: see {@link
 * DistributedLock}.
 */
public final class Hold implements AutoCloseable {
  private final Session session;
  private final Place place;
  private final AtomicBoolean isGivenBack = new AtomicBoolean();

  private Hold(Session session, Place place) {
    this.session = session;
    this.place = place;
  }

  /** Takes a place in a line of its own key, and waits for its turn; null if it does not come. */
  static @Nullable Hold seek(Session session, Line line, @Nullable Duration most)
      throws InterruptedException {
    Foundation core = session.core();
    Patience patience =
        most == null ? Patience.endless(core.clock()) : Patience.of(core.clock(), most);
    boolean isToWait = most == null || (!most.isZero() && !most.isNegative());
    KeptLease lease = session.lease();
    if (session.state() == LeaseState.LOST) {
      LossReason reason = session.lossReason().orElse(LossReason.CLOSED);
      throw new LeaseLostException("the session's lease is lost: " + reason, reason);
    }
    Bytes key = line.key(lease.id(), session.nextHold());
    try {
      // The key is used once, so nobody waits for a place that was given up.
      Place place = Admission.seek(session, lease, line, key, patience, isToWait, withdrawn -> {});
      return place == null ? null : new Hold(session, place);
    } catch (CallInterruptedException e) {
      throw Admission.interrupted(e);
    }
  }

  /** Takes a hold however long that takes. */
  static Hold await(Session session, Line line) throws InterruptedException {
    Hold hold = seek(session, line, null);
    if (hold == null) {
      throw new IllegalStateException("waited without end, and yet it ended");
    }
    return hold;
  }

  /** Takes a hold if it can be had within a time; asks once and does not wait if that is zero. */
  static Optional<Hold> within(Session session, Line line, Duration most)
      throws InterruptedException {
    return Optional.ofNullable(seek(session, line, most));
  }

  /** Returns whether this is held, as certainly as can be said now. */
  public boolean isHeld() {
    return !isGivenBack.get() && place.lease().state() != LeaseState.LOST;
  }

  /** Returns for how long this is certainly held yet if no renewal succeeds. */
  public Duration remaining() {
    return isGivenBack.get() ? Duration.ZERO : place.lease().remaining();
  }

  /** Returns a number that is larger for everybody who stood in line later. */
  public long fencingToken() {
    return place.createRevision();
  }

  /** Returns the key that stands for this; with the token, a condition. */
  public Bytes key() {
    return place.key();
  }

  /**
   * Runs some work. The thread is interrupted as soon as the lease is at risk, a third of its TTL
   * before it is lost; the work should end then. Gives nothing back.
   *
   * @throws LeaseLostException if this was lost before the work was done, or the work gave up
   *     because of the risk
   */
  public <T> T runWhileHeld(Callable<T> work) throws Exception {
    if (isGivenBack.get()) {
      throw new IllegalStateException("it was given back");
    }
    if (!isHeld()) {
      throw place.lost();
    }
    return GuardedWork.run(session, place, work);
  }

  /**
   * Gives this back; once is enough. When the cluster cannot be reached, that goes on in the
   * background until the lease ends. Never fails because it was lost: that is over all the same.
   */
  @Override
  public void close() {
    if (isGivenBack.compareAndSet(false, true)) {
      var unused = Withdrawal.start(session, place.lease(), place::leave).awaitFirst();
    }
  }
}
