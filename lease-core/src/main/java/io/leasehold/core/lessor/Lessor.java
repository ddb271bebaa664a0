package io.leasehold.core.lessor;

import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.time.NanoClock;
import java.util.List;

/**
 * The leader's volatile half for one leadership term: who may live until when, what ends, what is
 * checkpointed. Built from the replicated state at promotion and dropped at demotion; nothing here
 * is replicated.
 *
 * <p>Threads: the <i>apply thread</i> promotes, demotes and reports applied changes; the <i>owner
 * thread</i> alone calls {@link #tick} and has the heap and everything under way to itself; <i>any
 * thread</i> renews, which is a table look-up and one compare-and-set on the lease and waits for
 * nobody. What the other threads have for the owner goes through its inbox.
 *
 * <p>Instants are nanoseconds of the clock handed in and mean nothing outside this term.
 */
public final class Lessor implements LeaseListener {
  /* How a renewal, an expiry and a checkpoint exclude each other
   *
   * All three are one compare-and-set on the lease's word, which holds the deadline and the marks.
   * Expiry sets the mark ENDING on the very word whose deadline it judged: if a renewal came first,
   * the compare-and-set fails and the lease is judged again; if expiry came first, the renewal sees
   * the mark and waits for the revoke's outcome. A checkpoint sets CHECKPOINTED in the same way, on
   * the word from which it computes the remaining time: a renewal that is not in the computation
   * sees the mark and goes through the log, where the owner thread proposes the clearing after the
   * checkpoint, and the log keeps that order.
   */

  /** How soon a message is looked at again that came a moment before its time. */
  private static final long REPEAT_NANOS = 1_000_000;

  private final Owner owner;
  private final StallGuard stalls;
  private final Endings endings = new Endings();
  private final LogRenewals logRenewals;
  private final DueLeases due;
  private final RequestedRevokes requestedRevokes;
  private volatile int waiting;

  /**
   * @param term the leadership term, above 0
   * @param wakeUp makes the owner thread call {@link #tick} soon; called from any thread
   */
  public Lessor(
      long term,
      LessorConfig config,
      LeaseTable leases,
      NanoClock clock,
      CommandLog log,
      LessorObserver observer,
      Runnable wakeUp) {
    this.owner = new Owner(term, config, leases, clock, log, observer, wakeUp);
    this.stalls = new StallGuard(clock.nanoTime(), config.stallThresholdNanos(), observer);
    this.logRenewals = new LogRenewals(owner, endings);
    this.due = new DueLeases(owner, logRenewals::isClearing, stalls);
    this.requestedRevokes = new RequestedRevokes(owner, endings, due);
  }

  /** Returns the leadership term this lessor belongs to. */
  public long term() {
    return owner.term;
  }

  // ---------------------------------------------------------------- apply thread

  /**
   * Gives every live lease its deadline: what the replicated state says is left of it, and one
   * election timeout more, since the former leader may have acknowledged renewals up to the moment
   * it fell silent. Once, before anybody else sees this lessor.
   */
  public void promote() {
    due.fill();
    stalls.tickPlanned(owner.clock.nanoTime() + owner.config.tickMaxNanos());
  }

  /** Ends this lessor: it changes no lease any more, and the next tick tells whoever waits. */
  public void demote() {
    owner.demote();
  }

  @Override
  public void granted(Lease lease) {
    lease.scheduleNew(
        owner.clock.nanoTime() + lease.ttlNanos(), requestedRevokes.isAwaited(lease.id()));
    owner.leave(() -> due.watch(lease));
  }

  @Override
  public void revoked(List<Lease> ended) {
    owner.leave(
        () -> {
          due.gone(ended.size());
          ended.forEach(lease -> endings.settle(lease.id()));
        });
    if (waiting > 0) {
      owner.wakeUp();
    }
  }

  @Override
  public void checkpointed(List<Lease> changed) {
    // The lease itself carries its new end; its entry in the heap is corrected when it comes up.
  }

  // ---------------------------------------------------------------- any thread

  /**
   * Renews a lease in memory, to {@code nowNanos} plus its TTL. Takes no lock.
   *
   * <p>A positive answer may be acknowledged only once this member is known to have led {@link
   * #term()} at some moment after this method returned (rule S6). {@link Renewal#NOT_FOUND} is
   * final only behind a read barrier.
   *
   * @return the TTL in milliseconds, or one of {@link Renewal}'s answers
   */
  public long renew(long leaseId, long nowNanos) {
    if (owner.isDemoted()) {
      return Renewal.DEMOTED;
    }
    Lease lease = owner.leases.get(leaseId);
    if (lease == null) {
      return Renewal.NOT_FOUND;
    }
    while (true) {
      long word = lease.word();
      if (!Lease.isScheduled(word)) {
        return unscheduled(word);
      }
      if (Lease.isEnding(word) || Lease.isCheckpointed(word)) {
        return Renewal.SLOW;
      }
      long renewed = Lease.extended(word, nowNanos + lease.ttlNanos());
      if (renewed == word || lease.compareAndSetWord(word, renewed)) {
        return lease.ttlMillis();
      }
    }
  }

  /** A lease without a deadline is gone, or has been granted this instant. */
  private static long unscheduled(long word) {
    return Lease.isGone(word) ? Renewal.NOT_FOUND : Renewal.SLOW;
  }

  /**
   * Renews a lease for which {@link #renew} answered SLOW: waits for the outcome where it is being
   * ended, clears its checkpoint through the log where it carries one.
   *
   * @param receivedNanos when the request was received, by the clock of this lessor
   */
  public void renewSlowly(long leaseId, long receivedNanos, Renewal.Callback callback) {
    owner.post(() -> logRenewals.renew(leaseId, receivedNanos, callback), callback::failed);
  }

  /**
   * Returns the time a lease has left, with the same duties as {@link #renew} before it may be told
   * to a client.
   *
   * @return milliseconds, never negative and never above the TTL; or NOT_FOUND, SLOW while the
   *     lease is being ended (ask again after {@link #whenSettled}), or DEMOTED
   */
  public long remainingMillis(long leaseId, long nowNanos) {
    if (owner.isDemoted()) {
      return Renewal.DEMOTED;
    }
    Lease lease = owner.leases.get(leaseId);
    if (lease == null) {
      return Renewal.NOT_FOUND;
    }
    long word = lease.word();
    if (!Lease.isScheduled(word)) {
      return unscheduled(word);
    }
    if (Lease.isEnding(word)) {
      return Renewal.SLOW;
    }
    long left = Lease.deadlineNanos(word) - nowNanos;
    return Math.min(Math.max(left, 0) / 1_000_000, lease.ttlMillis());
  }

  /**
   * Calls back once, when a lease that is being ended has ended, has been spared, or this lessor
   * was demoted.
   */
  public void whenSettled(long leaseId, Runnable callback) {
    owner.post(() -> awaitSettled(leaseId, callback), callback);
  }

  /**
   * Ends a lease on a client's request. Renewals wait from before the proposal until the log has
   * answered, so that none is acknowledged after the revoke was (rule S3), whichever member
   * acknowledges it.
   *
   * <p>The outcome is {@link Outcome.Revoked} with count 0 when there was no such lease.
   */
  public void revoke(long leaseId, CommandLog.Callback callback) {
    owner.post(
        () -> requestedRevokes.propose(leaseId, callback),
        () -> callback.complete(new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER)));
  }

  /** Returns how many renewals and revokes wait for the log, as of the last tick. */
  public int waiting() {
    return waiting;
  }

  // ---------------------------------------------------------------- owner thread

  /**
   * Does what is due, and returns when it wants to be called again at the latest. Called once more
   * after {@link #demote}, it lets go whoever waits; the owner need not call again.
   */
  public long tick(long nowNanos) {
    long latest = nowNanos + owner.config.tickMaxNanos();
    if (owner.isDemoted()) {
      letEverybodyGo();
      return latest;
    }
    stalls.tickBegan(nowNanos);
    owner.drainInbox();
    logRenewals.propose();
    due.attend(nowNanos, endings);
    waiting = endings.size() + logRenewals.waiting();
    long next =
        owner.hasMessages()
            ? nowNanos
            : due.nextAttentionAt(nowNanos, owner.hasRepeats() ? nowNanos + REPEAT_NANOS : latest);
    stalls.tickPlanned(next);
    return next;
  }

  /** Returns how many entries the schedule holds, those of ended leases among them. */
  int watched() {
    return due.size();
  }

  private void letEverybodyGo() {
    // Whatever a message asks for, it finds the lessor demoted and fails.
    owner.drainInbox();
    endings.settleAll();
    logRenewals.failAll();
    waiting = 0;
  }

  private void awaitSettled(long leaseId, Runnable callback) {
    Lease lease = owner.leases.get(leaseId);
    long word = lease == null ? 0 : lease.word();
    if (owner.isDemoted() || lease == null || !Lease.isScheduled(word) || !Lease.isEnding(word)) {
      callback.run();
    } else {
      endings.await(leaseId, callback);
    }
  }
}
