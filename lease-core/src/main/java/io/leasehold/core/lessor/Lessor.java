package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.time.NanoClock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The leader's volatile half for one leadership term: who may live until when, what ends, what is
 * checkpointed. Built from the replicated state at promotion and dropped at demotion; nothing here
 * is replicated.
 *
 * <p>Threads: the <i>apply thread</i> promotes, demotes and reports applied changes; the <i>owner
 * thread</i> alone calls {@link #tick} and owns the heap and everything under way; <i>any
 * thread</i> renews, which is a table look-up and one compare-and-set on the lease and waits for
 * nobody. What the other threads have for the owner goes through the inbox.
 *
 * <p>Instants are nanoseconds of the clock handed in and mean nothing outside this term.
 */
public final class Lessor implements LeaseListener {
  /* How a renewal, an expiry and a checkpoint exclude each other
   *
   * All three are one compare-and-set on the lease's word, which holds the deadline and the marks. Expiry sets the mark ENDING on the
   * very word whose deadline it judged: if a renewal came first, the compare-and-set fails and the lease is judged again; if expiry
   * came first, the renewal sees the mark and waits for the revoke's outcome. A checkpoint sets CHECKPOINTED in the same way before it
   * computes the remaining time, so a renewal that is not in the computation sees the mark and goes through the log, where the owner
   * thread proposes the clearing after the checkpoint: the log keeps that order.
   */

  /**
   * The heap is swept of ended leases when they may be half of it, so that long TTLs revoked early
   * do not pile up.
   */
  private static final int SWEEP_MIN = 4096;

  /**
   * How soon a lease that is due for a checkpoint is looked at again when too many checkpoints are
   * under way.
   */
  private static final long CHECKPOINT_RETRY_NANOS = 10_000_000;

  /** How soon a checkpoint is looked at again, to repeat it should it not have come through. */
  private static final long CHECKPOINT_CONFIRM_NANOS = 1_000_000_000;

  /**
   * How soon a revoke that the log refused is proposed again: at once would add to the overload.
   */
  private static final long REPEAT_NANOS = 10_000_000;

  private final long term;
  private final LessorConfig config;
  private final LeaseTable leases;
  private final NanoClock clock;
  private final CommandLog log;
  private final LessorObserver observer;
  private final Runnable wakeUp;

  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private volatile boolean demoted;
  private volatile int waiting;

  // Owner thread from the first tick on.
  private final DeadlineHeap heap = new DeadlineHeap();
  private final Endings endings = new Endings();
  private final CheckpointClears clears;
  private final StallGuard stalls;
  private final RevokeBudget budget;
  private final LeaseBatch expiring;
  private final LeaseBatch checkpointing;
  private final LeaseBatch unsettled;
  private int checkpointsInFlight;
  private int clearsInFlight;
  private long goneSinceSweep;
  private long repeatUnsettledAt;

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
    this.term = term;
    this.config = config;
    this.leases = leases;
    this.clock = clock;
    this.log = log;
    this.observer = observer;
    this.wakeUp = wakeUp;
    long now = clock.nanoTime();
    this.repeatUnsettledAt = now;
    this.clears = new CheckpointClears(config.checkpointBatchMax());
    this.stalls = new StallGuard(now, config.stallThresholdNanos(), observer);
    this.budget = new RevokeBudget(config, now);
    this.expiring = new LeaseBatch(config.revokeBatchMax());
    this.checkpointing = new LeaseBatch(config.checkpointBatchMax());
    this.unsettled = new LeaseBatch(config.revokeBatchMax());
  }

  /** Returns the leadership term this lessor belongs to. */
  public long term() {
    return term;
  }

  // ---------------------------------------------------------------- apply thread

  /**
   * Gives every live lease its deadline: what the replicated state says is left of it, and one
   * election timeout more, since the former leader may have acknowledged renewals up to the moment
   * it fell silent. Once, before anybody else sees this lessor.
   */
  public void promote() {
    long now = clock.nanoTime();
    leases.forEach(
        lease -> {
          long deadline = now + lease.replicatedRemainingNanos() + config.electionTimeoutNanos();
          lease.schedule(deadline, lease.remainingMillis() != 0);
          heap.append(attentionAt(lease, Lease.deadlineNanos(lease.word())), lease);
        });
    heap.restoreOrder();
    stalls.tickPlanned(clock.nanoTime() + config.tickMaxNanos());
  }

  /** Ends this lessor: it changes no lease any more, and whoever waits is told by the next tick. */
  public void demote() {
    demoted = true;
    wakeUp.run();
  }

  @Override
  public void granted(Lease lease) {
    lease.schedule(clock.nanoTime() + lease.ttlNanos(), false);
    inbox.add(() -> watch(lease));
  }

  @Override
  public void revoked(List<Lease> ended) {
    inbox.add(
        () -> {
          goneSinceSweep += ended.size();
          ended.forEach(lease -> endings.settle(lease.id()));
        });
    if (waiting > 0) {
      wakeUp.run();
    }
  }

  @Override
  public void checkpointed(List<Lease> changed) {
    // The lease itself carries the new remaining time; its entry in the heap is corrected when it
    // comes up.
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
    if (demoted) {
      return Renewal.DEMOTED;
    }
    Lease lease = leases.get(leaseId);
    if (lease == null) {
      return Renewal.NOT_FOUND;
    }
    while (true) {
      long word = lease.word();
      if (!Lease.isScheduled(word)) {
        return Lease.isGone(word) ? Renewal.NOT_FOUND : Renewal.DEMOTED;
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

  /**
   * Renews a lease for which {@link #renew} answered SLOW: waits for the outcome where it is being
   * ended, clears its checkpoint through the log where it carries one.
   *
   * @param receivedNanos when the request was received, by the clock of this lessor
   */
  public void renewSlowly(long leaseId, long receivedNanos, Renewal.Callback callback) {
    post(() -> renewThroughLog(leaseId, receivedNanos, callback), callback::failed);
  }

  /**
   * Returns the time a lease has left, with the same duties as {@link #renew} before it may be told
   * to a client.
   *
   * @return milliseconds, never negative and never above the TTL; or NOT_FOUND, SLOW while the
   *     lease is being ended (ask again after {@link #whenSettled}), or DEMOTED
   */
  public long remainingMillis(long leaseId, long nowNanos) {
    if (demoted) {
      return Renewal.DEMOTED;
    }
    Lease lease = leases.get(leaseId);
    if (lease == null) {
      return Renewal.NOT_FOUND;
    }
    long word = lease.word();
    if (!Lease.isScheduled(word)) {
      return Lease.isGone(word) ? Renewal.NOT_FOUND : Renewal.DEMOTED;
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
    post(() -> awaitSettled(leaseId, callback), callback);
  }

  /**
   * Ends a lease on a client's request. Renewals wait from before the proposal until the log has
   * answered, so that none is acknowledged after the revoke was (rule S3), whichever member
   * acknowledges it.
   *
   * <p>The outcome is {@link Outcome.Revoked} with count 0 when there was no such lease.
   */
  public void revoke(long leaseId, CommandLog.Callback callback) {
    post(
        () -> proposeRequestedRevoke(leaseId, callback),
        () -> callback.complete(new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER)));
  }

  /** Returns how many renewals and revokes wait for the log, as of the last tick. */
  public int waiting() {
    return waiting;
  }

  // ---------------------------------------------------------------- owner thread

  /**
   * Does what is due, and returns when it wants to be called again at the latest. After {@link
   * #demote} it lets go whoever waits, and the owner need not call again.
   */
  public long tick(long nowNanos) {
    if (demoted) {
      letEverybodyGo();
      return nowNanos + config.tickMaxNanos();
    }
    stalls.tickBegan(nowNanos);
    drainInbox();
    proposeClears();
    repeatUnsettled(nowNanos);
    attendToDue(nowNanos);
    sweep();
    waiting = endings.size() + clears.waiting();
    long next = nextTickNanos(nowNanos);
    stalls.tickPlanned(next);
    return next;
  }

  private long nextTickNanos(long nowNanos) {
    long latest = nowNanos + config.tickMaxNanos();
    if (!inbox.isEmpty()) {
      return nowNanos;
    }
    if (heap.isEmpty() || budget.available(nowNanos) == 0) {
      // With the budget spent, the answer of a revoke under way wakes the owner; a rate fills up by
      // the next tick.
      return latest;
    }
    long due = heap.topKey();
    return due - latest >= 0 ? latest : due - nowNanos < 0 ? nowNanos : due;
  }

  private void drainInbox() {
    for (Runnable message = inbox.poll(); message != null; message = inbox.poll()) {
      message.run();
    }
  }

  private void letEverybodyGo() {
    // Messages see the demotion and fail whoever sent them.
    drainInbox();
    endings.settleAll();
    clears.takeAll().forEach(this::failClear);
    waiting = 0;
  }

  /**
   * Hands a message to the owner thread, or runs {@code otherwise} when there is no owner any more.
   */
  private void post(Runnable message, Runnable otherwise) {
    if (demoted) {
      otherwise.run();
      return;
    }
    inbox.add(message);
    if (demoted && inbox.remove(message)) {
      otherwise.run();
      return;
    }
    wakeUp.run();
  }

  /** Hands an answer of the log to the owner thread. */
  private void answer(Runnable message) {
    inbox.add(message);
    wakeUp.run();
  }

  private void watch(Lease lease) {
    long word = lease.word();
    if (Lease.isScheduled(word)) {
      heap.push(attentionAt(lease, Lease.deadlineNanos(word)), lease);
    }
  }

  /**
   * Returns when the lease next needs attention: at its deadline, or earlier when a checkpoint is
   * due.
   */
  private long attentionAt(Lease lease, long deadlineNanos) {
    long checkpointAt = checkpointAt(lease, deadlineNanos);
    return checkpointAt - deadlineNanos < 0 ? checkpointAt : deadlineNanos;
  }

  /**
   * Returns when the replicated remaining time will be too large by one checkpoint interval: what a
   * leader change at that moment would add to the life of the lease (rule S2). At or after the
   * deadline for leases that need no checkpoint.
   */
  private long checkpointAt(Lease lease, long deadlineNanos) {
    long excessMax = Math.min(config.checkpointIntervalNanos(), lease.replicatedRemainingNanos());
    return deadlineNanos - lease.replicatedRemainingNanos() + excessMax;
  }

  // Expiry and checkpoints

  private void attendToDue(long nowNanos) {
    int room = budget.available(nowNanos);
    while (!heap.isEmpty() && heap.topKey() - nowNanos <= 0) {
      if (expiring.size() >= room) {
        proposeExpiry();
        room = budget.available(nowNanos);
        if (room == 0) {
          break;
        }
      }
      attendTo(heap.top(), nowNanos);
    }
    proposeExpiry();
    proposeCheckpoint();
  }

  /** Judges the lease at the top of the heap, and takes it off or gives it its next key. */
  private void attendTo(Lease lease, long nowNanos) {
    long word = lease.word();
    if (!Lease.isScheduled(word)) {
      heap.pop();
      return;
    }
    if (Lease.isEnding(word)) {
      heap.pop();
      endings.dropped(lease.id());
      return;
    }
    long deadline = Lease.deadlineNanos(word);
    if (deadline - nowNanos <= 0) {
      if (stalls.holdsAt(nowNanos)) {
        heap.replaceTopKey(stalls.holdUntilNanos());
      } else if (lease.compareAndSetWord(word, Lease.ending(word))) {
        heap.pop();
        expiring.add(lease, deadline);
      }
      // else it was renewed this instant: it is still at the top and is judged again
      return;
    }
    if (checkpointAt(lease, deadline) - nowNanos <= 0 && !clears.isClearing(lease.id())) {
      beginCheckpoint(lease, word, nowNanos);
      return;
    }
    long next = attentionAt(lease, deadline);
    heap.replaceTopKey(next - nowNanos <= 0 ? nowNanos + CHECKPOINT_RETRY_NANOS : next);
  }

  private void beginCheckpoint(Lease lease, long word, long nowNanos) {
    if (checkpointing.isFull()) {
      proposeCheckpoint();
    }
    long deadline = Lease.deadlineNanos(word);
    if (checkpointing.isFull() || checkpointsInFlight >= config.checkpointsInFlightMax()) {
      long retry = nowNanos + CHECKPOINT_RETRY_NANOS;
      heap.replaceTopKey(retry - deadline < 0 ? retry : deadline);
    } else if (lease.compareAndSetWord(word, Lease.checkpointed(word))) {
      checkpointing.add(lease, deadline - nowNanos);
      checkpointing.noteLateness(nowNanos - checkpointAt(lease, deadline));
      long again = nowNanos + Math.min(config.checkpointIntervalNanos(), CHECKPOINT_CONFIRM_NANOS);
      heap.replaceTopKey(again - deadline < 0 ? again : deadline);
    }
  }

  private void proposeExpiry() {
    if (!expiring.isEmpty()) {
      proposeExpiry(expiring.take());
    }
  }

  private void proposeExpiry(LeaseBatch.Taken batch) {
    budget.began(batch.size());
    log.propose(
        new Command.Revoke(batch.leaseIds(), RevokeCause.EXPIRED, term),
        term,
        result -> answer(() -> expiryAnswered(batch, result)));
  }

  private void expiryAnswered(LeaseBatch.Taken batch, ProposalResult result) {
    budget.ended();
    if (result instanceof ProposalResult.Applied applied) {
      if (applied.outcome() instanceof Outcome.Fenced) {
        observer.fencedOff(batch.size());
        return;
      }
      long now = clock.nanoTime();
      for (int i = 0; i < batch.size(); i++) {
        observer.expired(now - batch.nanos(i));
      }
    } else {
      repeatUnsettledAt = clock.nanoTime() + REPEAT_NANOS;
      // A revoke that did not come through is never forgotten: its leases stay marked until the log
      // has ended them. Repeating one that did
      // come through after all is harmless.
      for (int i = 0; i < batch.size(); i++) {
        unsettled.addBeyondMax(batch.lease(i), batch.nanos(i));
      }
    }
  }

  private void repeatUnsettled(long nowNanos) {
    if (nowNanos - repeatUnsettledAt < 0) {
      return;
    }
    while (!unsettled.isEmpty() && budget.available(nowNanos) > 0) {
      proposeExpiry(unsettled.take());
    }
  }

  private void proposeCheckpoint() {
    if (checkpointing.isEmpty() || checkpointsInFlight >= config.checkpointsInFlightMax()) {
      return;
    }
    checkpointsInFlight++;
    long lateness = checkpointing.latenessNanos();
    LeaseBatch.Taken batch = checkpointing.take();
    log.propose(
        new Command.Checkpoint(batch.leaseIds(), batch.nanosAsMillisRoundedUp(), term),
        term,
        result -> answer(() -> checkpointAnswered(batch.size(), lateness, result)));
  }

  private void checkpointAnswered(int count, long latenessNanos, ProposalResult result) {
    checkpointsInFlight--;
    if (result instanceof ProposalResult.Applied applied
        && applied.outcome() instanceof Outcome.Checkpointed) {
      observer.checkpointed(count, latenessNanos);
    }
    // Otherwise the leases keep their mark, which only costs the next renewal a clearing, and are
    // due again when they come up.
  }

  // Renewals through the log

  private void renewThroughLog(long leaseId, long receivedNanos, Renewal.Callback callback) {
    if (demoted) {
      callback.failed();
      return;
    }
    Lease lease = leases.get(leaseId);
    if (lease == null) {
      callback.notFound();
      return;
    }
    while (true) {
      long word = lease.word();
      if (!Lease.isScheduled(word)) {
        callback.notFound();
        return;
      }
      if (Lease.isEnding(word)) {
        endings.await(leaseId, () -> renewThroughLog(leaseId, receivedNanos, callback));
        return;
      }
      // Extended now, so that the lease does not expire while the clearing is under way;
      // acknowledged only when that is committed.
      long extended = Lease.extended(word, receivedNanos + lease.ttlNanos());
      if (extended == word || lease.compareAndSetWord(word, extended)) {
        clears.add(leaseId, callback);
        return;
      }
    }
  }

  private void proposeClears() {
    if (clearsInFlight >= config.checkpointsInFlightMax()) {
      return;
    }
    for (CheckpointClears.Batch batch : clears.take()) {
      clearsInFlight++;
      long[] ids = batch.leaseIds();
      log.propose(
          new Command.Checkpoint(LeaseIds.of(ids), Millis.zeros(ids.length), term),
          term,
          result -> answer(() -> clearAnswered(batch, result)));
    }
  }

  private void clearAnswered(CheckpointClears.Batch batch, ProposalResult result) {
    if (!clears.isUnderWay(batch)) {
      return; // failed at demotion
    }
    clearsInFlight--;
    if (result instanceof ProposalResult.Applied applied
        && applied.outcome() instanceof Outcome.Checkpointed) {
      clears.answered(batch);
      for (Map.Entry<Long, List<Renewal.Callback>> entry : batch.renewals.entrySet()) {
        acknowledge(entry.getKey(), entry.getValue());
      }
    } else {
      failClear(batch);
    }
  }

  private void acknowledge(long leaseId, List<Renewal.Callback> callbacks) {
    if (demoted) {
      callbacks.forEach(Renewal.Callback::failed);
      return;
    }
    Lease lease = leases.get(leaseId);
    if (lease == null) {
      callbacks.forEach(Renewal.Callback::notFound);
      return;
    }
    while (true) {
      long word = lease.word();
      if (!Lease.isScheduled(word)) {
        callbacks.forEach(
            Lease.isGone(word) ? Renewal.Callback::notFound : Renewal.Callback::failed);
        return;
      }
      if (Lease.isEnding(word)) {
        // A revoke overtook the renewal; its outcome decides.
        endings.await(leaseId, () -> acknowledge(leaseId, callbacks));
        return;
      }
      long cleared = clears.isClearing(leaseId) ? word : Lease.cleared(word);
      if (cleared == word || lease.compareAndSetWord(word, cleared)) {
        callbacks.forEach(callback -> callback.renewed(lease.ttlMillis()));
        return;
      }
    }
  }

  private void failClear(CheckpointClears.Batch batch) {
    clears.answered(batch);
    batch.renewals.values().forEach(callbacks -> callbacks.forEach(Renewal.Callback::failed));
  }

  private void awaitSettled(long leaseId, Runnable callback) {
    Lease lease = leases.get(leaseId);
    if (demoted || lease == null || !isBeingEnded(lease.word())) {
      callback.run();
    } else {
      endings.await(leaseId, callback);
    }
  }

  private static boolean isBeingEnded(long word) {
    return Lease.isScheduled(word) && Lease.isEnding(word);
  }

  // Revokes on request

  private void proposeRequestedRevoke(long leaseId, CommandLog.Callback callback) {
    if (demoted) {
      callback.complete(new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER));
      return;
    }
    Lease lease = leases.get(leaseId);
    if (lease != null) {
      endings.begin(leaseId, markEnding(lease));
    }
    log.propose(
        new Command.Revoke(LeaseIds.of(leaseId), RevokeCause.REQUESTED, Command.NOT_FENCED),
        term,
        result -> {
          if (lease != null) {
            answer(() -> requestedRevokeAnswered(lease, result));
          }
          callback.complete(result);
        });
  }

  /** Marks the lease as ending and tells whether that was news. */
  private static boolean markEnding(Lease lease) {
    while (true) {
      long word = lease.word();
      if (!Lease.isScheduled(word) || Lease.isEnding(word)) {
        return false;
      }
      if (lease.compareAndSetWord(word, Lease.ending(word))) {
        return true;
      }
    }
  }

  private void requestedRevokeAnswered(Lease lease, ProposalResult result) {
    if (result instanceof ProposalResult.Unknown) {
      // It may come through yet, so the lease must not be renewed again: see to it that it ends.
      endings.mayComeThrough(lease.id());
      unsettled.addBeyondMax(lease, clock.nanoTime());
    }
    Endings.Requested last = endings.answered(lease.id());
    if (last != null && last.sparable && isBeingEnded(lease.word())) {
      spare(lease, last);
    }
  }

  /** Takes the mark back from a lease of which no revoke was appended. */
  private void spare(Lease lease, Endings.Requested entry) {
    while (true) {
      long word = lease.word();
      if (!isBeingEnded(word)) {
        return;
      }
      if (lease.compareAndSetWord(word, Lease.notEnding(word))) {
        if (entry.dropped) {
          watch(lease);
        }
        endings.settle(lease.id());
        return;
      }
    }
  }

  private void sweep() {
    if (goneSinceSweep > SWEEP_MIN && goneSinceSweep > heap.size() / 2) {
      heap.dropGone();
      goneSinceSweep = 0;
    }
  }
}
