package io.leasehold.core.lessor;

import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.time.NanoClock;
import java.util.List;

/** Skeleton; being written. */
public final class Lessor implements LeaseListener {

  /**
   * {@code wakeUp} makes the owner thread call {@link #tick} soon; it may be called from any
   * thread.
   */
  public Lessor(
      long term,
      LessorConfig config,
      LeaseTable leases,
      NanoClock clock,
      CommandLog log,
      LessorObserver observer,
      Runnable wakeUp) {}

  public long term() {
    return 0;
  }

  /**
   * Gives every live lease its deadline. Apply thread, once, before anybody else sees this lessor.
   */
  public void promote() {}

  /** Ends this lessor; whoever waits is told so. Apply thread. */
  public void demote() {}

  /** Does what is due and returns when it wants to be called again, at the latest. Owner thread. */
  public long tick(long nowNanos) {
    return nowNanos;
  }

  /**
   * Renews a lease in memory. Returns its TTL in milliseconds, or one of {@link Renewal}'s answers.
   * Any thread; takes no lock. A positive answer may be acknowledged only after {@code
   * Replica.isCertainlyLeader(term())} said yes, or {@code leaderBarrier} did, asked after this
   * returned. NOT_FOUND is final only if asked again behind a read barrier.
   */
  public long renew(long leaseId, long nowNanos) {
    return Renewal.NOT_FOUND;
  }

  /**
   * Renews a lease that {@link #renew} answered SLOW for: it is being ended, or carries a
   * checkpoint. Any thread.
   */
  public void renewSlowly(long leaseId, long receivedNanos, Renewal.Callback callback) {}

  /**
   * Returns the time a lease has left, in milliseconds and never negative, or NOT_FOUND, SLOW
   * (being ended: ask again after {@link #whenSettled}) or DEMOTED. Same duties as for {@link
   * #renew} before it may be told to a client.
   */
  public long remainingMillis(long leaseId, long nowNanos) {
    return Renewal.NOT_FOUND;
  }

  /**
   * Calls back when the end of a lease that is under way was decided either way, or this lessor was
   * demoted. Any thread.
   */
  public void whenSettled(long leaseId, Runnable callback) {}

  /**
   * Ends a lease on a client's request: renewals wait from now on until the log has answered. Any
   * thread. The result's outcome is {@code Revoked} with count 0 when there was no such lease.
   */
  public void revoke(long leaseId, CommandLog.Callback callback) {}

  /**
   * Returns how many renewals, revokes and checkpoints wait for the log. Any thread; for metrics.
   */
  public int waiting() {
    return 0;
  }

  @Override
  public void granted(Lease lease) {}

  @Override
  public void revoked(List<Lease> leases) {}

  @Override
  public void checkpointed(List<Lease> leases) {}
}
