package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.log.ProposalResult;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * The leases by the instant at which they need attention: ends those whose deadline has passed and
 * records the remaining time of those that were not renewed for long. From then on lease time makes
 * the record smaller, so that one command now and then does it for all of them, however many.
 *
 * <p>Confined to the owner thread; filled by the apply thread once, before the first tick.
 */
final class DueLeases {
  /**
   * The heap is swept of ended leases when they may be half of it, so that long TTLs revoked early
   * do not pile up.
   */
  private static final int SWEEP_MIN = 4096;

  /**
   * How soon a lease that is due for a checkpoint is looked at again when too many are under way.
   */
  private static final long CHECKPOINT_RETRY_NANOS = 10_000_000;

  /**
   * How soon after one another they are looked at again when there are many of them: a little
   * faster than the log takes checkpoints. Millions of leases that came up again together would
   * keep the owner from everything else, and never get through.
   */
  private static final long CHECKPOINT_TURN_NANOS = 4_000;

  /**
   * Leases looked at in one tick, some milliseconds: when more are due at once, messages and the
   * answers of the log are taken in between.
   */
  static final int ATTENDED_PER_TICK_MAX = 8_192;

  /** How soon a checkpoint is looked at again, to repeat it should it not have come through. */
  private static final long CHECKPOINT_CONFIRM_NANOS = 1_000_000_000;

  /**
   * How soon a revoke that the log refused is proposed again: at once would only add to the
   * overload.
   */
  private static final long REPEAT_NANOS = 10_000_000;

  private final Owner owner;
  private final LongPredicate isClearing;
  private final StallGuard stalls;
  private final RevokeBudget budget;
  private final DeadlineHeap heap = new DeadlineHeap();
  private final LeaseBatch expiring;
  private final LeaseBatch checkpointing;

  /** Leases marked as ending whose revoke was refused, or whose fate is unknown. */
  private final LeaseBatch unsettled;

  private long repeatUnsettledAt;
  private int checkpointsInFlight;

  /** When lease time is to be recorded again, if there are leases for which it matters. */
  private long timeDueAt;

  private boolean timeUnderWay;

  /** When the last of the leases that wait for room for their checkpoint is looked at again. */
  private long checkpointTurnAt;

  private long goneSinceSweep;

  /**
   * @param isClearing tells whether a checkpoint of the lease is being cleared: then no new one is
   *     taken
   */
  DueLeases(Owner owner, LongPredicate isClearing, StallGuard stalls) {
    this.owner = owner;
    this.isClearing = isClearing;
    this.stalls = stalls;
    long now = owner.clock.nanoTime();
    this.repeatUnsettledAt = now;
    this.checkpointTurnAt = now;
    this.timeDueAt = now + owner.config.checkpointIntervalNanos();
    this.budget = new RevokeBudget(owner.config, now);
    this.expiring = new LeaseBatch(owner.config.revokeBatchMax());
    this.checkpointing = new LeaseBatch(owner.config.checkpointBatchMax());
    this.unsettled = new LeaseBatch(owner.config.revokeBatchMax());
  }

  /** Gives every live lease its first deadline. Apply thread, before the first tick. */
  void fill() {
    long now = owner.clock.nanoTime();
    long graceNanos = owner.config.electionTimeoutNanos();
    long timeMillis = owner.leases.timeMillis();
    owner.promoted(now + graceNanos);
    owner.leases.forEach(
        lease -> {
          long deadline = now + graceNanos + lease.replicatedRemainingNanos(timeMillis);
          lease.schedule(deadline, lease.endMillis() != 0);
          heap.append(attentionAt(lease, Lease.deadlineNanos(lease.word()), now), lease);
        });
    heap.restoreOrder();
  }

  int size() {
    return heap.size();
  }

  void watch(Lease lease) {
    long word = lease.word();
    if (Lease.isScheduled(word)) {
      heap.push(attentionAt(lease, Lease.deadlineNanos(word), owner.clock.nanoTime()), lease);
    }
  }

  /**
   * Notes that {@code count} leases have ended; their entries go when they come up, or with a
   * sweep.
   */
  void gone(int count) {
    goneSinceSweep += count;
  }

  /** Sees to it that a lease ends of which a revoke may or may not come through. */
  void seeThatItEnds(Lease lease) {
    unsettled.addBeyondMax(lease, owner.clock.nanoTime());
  }

  /** Returns when the next lease needs attention, but not after {@code latestNanos}. */
  long nextAttentionAt(long nowNanos, long latestNanos) {
    long latest = owner.leases.ageing() > 0 ? earlier(latestNanos, timeDueAt) : latestNanos;
    // With the budget spent, the answer of a revoke under way wakes the owner; a rate has filled
    // up by the next tick.
    if (!heap.isEmpty() && budget.available(nowNanos) > 0) {
      latest = earlier(latest, heap.topKey());
    }
    return latest - nowNanos < 0 ? nowNanos : latest;
  }

  /** Ends and checkpoints what is due, as far as the limits allow; the rest is still due then. */
  void attend(long nowNanos, Endings endings) {
    repeatUnsettled(nowNanos);
    int room = budget.available(nowNanos);
    for (int i = 0; i < ATTENDED_PER_TICK_MAX && isAnyDue(nowNanos) && !owner.isDemoted(); i++) {
      if (expiring.size() >= room) {
        proposeExpiry();
        room = budget.available(nowNanos);
        if (room == 0) {
          break;
        }
      }
      attendToTop(nowNanos, endings);
    }
    proposeExpiry();
    proposeCheckpoint(nowNanos);
    recordTime(nowNanos);
    sweep();
  }

  private boolean isAnyDue(long nowNanos) {
    return !heap.isEmpty() && heap.topKey() - nowNanos <= 0;
  }

  /** Judges the lease at the top of the heap, and takes it off or gives it its next key. */
  private void attendToTop(long nowNanos, Endings endings) {
    Lease lease = heap.top();
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
      long heldUntil = stalls.heldUntil(deadline - lease.ttlNanos(), nowNanos);
      if (heldUntil - nowNanos > 0) {
        // Not later than it needs attention if it is renewed at once, be it for a checkpoint: a key
        // may be too early, never too late.
        heap.replaceTopKey(earlier(heldUntil, nowNanos + attentionAfterRenewalNanos(lease)));
      } else if (lease.compareAndSetWord(word, Lease.ending(word))) {
        heap.pop();
        expiring.add(lease, deadline);
      }
      // else it was renewed this instant: it is still at the top and is judged again
    } else if (checkpointAt(lease, deadline) - nowNanos <= 0 && !isClearing.test(lease.id())) {
      beginCheckpoint(lease, word, nowNanos);
    } else {
      long next = attentionAt(lease, deadline, nowNanos);
      heap.replaceTopKey(next - nowNanos <= 0 ? nowNanos + CHECKPOINT_RETRY_NANOS : next);
    }
  }

  /**
   * Returns when the lease next needs attention: at its deadline, or earlier when a checkpoint is
   * due.
   */
  private long attentionAt(Lease lease, long deadlineNanos, long nowNanos) {
    long at = earlier(checkpointAt(lease, deadlineNanos), deadlineNanos);
    // When its checkpoint is cleared, at whatever moment from now on, the next one is due an
    // interval later.
    return lease.endMillis() == 0
        ? at
        : earlier(at, nowNanos + owner.config.checkpointIntervalNanos());
  }

  /**
   * Returns when the replicated remaining time will be too large by one checkpoint interval: what a
   * leader change at that moment would add to the life of the lease (rule S2). The deadline itself
   * for a lease that needs no checkpoint, or has one.
   */
  private long checkpointAt(Lease lease, long deadlineNanos) {
    // A checkpoint that is being cleared counts as cleared, or the key would be too late by then.
    if (lease.endMillis() != 0 && !isClearing.test(lease.id())) {
      return deadlineNanos;
    }
    long ttl = lease.ttlNanos();
    return deadlineNanos - ttl + Math.min(owner.config.checkpointIntervalNanos(), ttl);
  }

  private long attentionAfterRenewalNanos(Lease lease) {
    return Math.min(lease.ttlNanos(), owner.config.checkpointIntervalNanos());
  }

  private static long earlier(long aNanos, long bNanos) {
    return aNanos - bNanos < 0 ? aNanos : bNanos;
  }

  // Expiry

  private void proposeExpiry() {
    if (!expiring.isEmpty()) {
      proposeExpiry(expiring.take());
    }
  }

  private void proposeExpiry(LeaseBatch.Taken batch) {
    budget.began(batch.size());
    owner.log.propose(
        new Command.Revoke(batch.leaseIds(), RevokeCause.EXPIRED, owner.term),
        owner.term,
        result -> owner.answer(() -> expiryAnswered(batch, result)));
  }

  private void expiryAnswered(LeaseBatch.Taken batch, ProposalResult result) {
    budget.ended();
    long now = owner.clock.nanoTime();
    if (!(result instanceof ProposalResult.Applied applied)) {
      // A revoke that did not come through is never forgotten: its leases stay marked until the log
      // has ended them. Repeating one that
      // did come through after all is harmless.
      for (int i = 0; i < batch.size(); i++) {
        unsettled.addBeyondMax(batch.lease(i), batch.nanos(i));
      }
      repeatUnsettledAt = now + REPEAT_NANOS;
    } else if (applied.outcome() instanceof Outcome.Fenced) {
      owner.observer.fencedOff(batch.size());
    } else {
      for (int i = 0; i < batch.size(); i++) {
        owner.observer.expired(now - batch.nanos(i));
      }
    }
  }

  private void repeatUnsettled(long nowNanos) {
    if (nowNanos - repeatUnsettledAt < 0) {
      return;
    }
    // Their ID may be another lease's by now.
    unsettled.dropGone();
    while (!unsettled.isEmpty() && budget.available(nowNanos) > 0) {
      proposeExpiry(unsettled.take());
    }
  }

  // Checkpoints

  private void beginCheckpoint(Lease lease, long word, long nowNanos) {
    if (checkpointing.isFull()) {
      proposeCheckpoint(nowNanos);
    }
    long deadline = Lease.deadlineNanos(word);
    if (checkpointsInFlight >= owner.config.checkpointsInFlightMax()) {
      // As with a hold: not too late for the next checkpoint, should it be renewed at once.
      long renewedNext = nowNanos + attentionAfterRenewalNanos(lease);
      heap.replaceTopKey(earlier(earlier(nextCheckpointTurn(nowNanos), renewedNext), deadline));
    } else if (lease.compareAndSetWord(word, Lease.checkpointed(word))) {
      // Only now, with the mark set, is the deadline certain not to move.
      checkpointing.add(lease, deadline - owner.leaseTimeInstant(nowNanos));
      checkpointing.noteLateness(nowNanos - checkpointAt(lease, deadline));
      heap.replaceTopKey(earlier(confirmAt(nowNanos), deadline));
    }
  }

  private long confirmAt(long nowNanos) {
    return nowNanos + Math.min(owner.config.checkpointIntervalNanos(), CHECKPOINT_CONFIRM_NANOS);
  }

  private long nextCheckpointTurn(long nowNanos) {
    long soonest = nowNanos + CHECKPOINT_RETRY_NANOS;
    long afterTheLast = checkpointTurnAt + CHECKPOINT_TURN_NANOS;
    checkpointTurnAt = afterTheLast - soonest > 0 ? afterTheLast : soonest;
    return checkpointTurnAt;
  }

  private void proposeCheckpoint(long nowNanos) {
    if (checkpointing.isEmpty()) {
      return;
    }
    checkpointsInFlight++;
    long lateness = checkpointing.latenessNanos();
    LeaseBatch.Taken batch = checkpointing.take();
    propose(
        batch.leaseIds(),
        batch.nanosAsMillisRoundedUp(),
        nowNanos,
        isRecorded -> {
          checkpointsInFlight--;
          if (isRecorded) {
            owner.observer.checkpointed(batch.size(), lateness);
          }
          // Otherwise the leases keep their mark, which only costs the next renewal a clearing, and
          // they are still due when they come up.
        });
  }

  /** Records lease time by itself when no checkpoint has taken it along for long. */
  private void recordTime(long nowNanos) {
    if (owner.leases.ageing() == 0 || nowNanos - timeDueAt < 0) {
      return;
    }
    timeDueAt = confirmAt(nowNanos); // unless it comes through
    boolean isNews = owner.leaseTimeMillis(nowNanos) > owner.leases.timeMillis();
    if (isNews && !timeUnderWay) {
      timeUnderWay = true;
      propose(LeaseIds.of(), Millis.of(), nowNanos, isRecorded -> timeUnderWay = false);
    }
  }

  /**
   * @param nowNanos when the times that are left were computed
   */
  private void propose(
      LeaseIds leaseIds, Millis remainingMillis, long nowNanos, Consumer<Boolean> done) {
    Command checkpoint =
        new Command.Checkpoint(
            leaseIds, remainingMillis, owner.leaseTimeMillis(nowNanos), owner.term);
    owner.log.propose(
        checkpoint, owner.term, result -> owner.answer(() -> answered(nowNanos, result, done)));
  }

  private void answered(long proposedNanos, ProposalResult result, Consumer<Boolean> done) {
    boolean isRecorded =
        result instanceof ProposalResult.Applied applied
            && applied.outcome() instanceof Outcome.Checkpointed;
    if (isRecorded) {
      long next = proposedNanos + owner.config.checkpointIntervalNanos();
      timeDueAt = next - timeDueAt > 0 ? next : timeDueAt;
    }
    done.accept(isRecorded);
  }

  private void sweep() {
    if (goneSinceSweep > SWEEP_MIN && goneSinceSweep > heap.size() / 2) {
      heap.dropGone();
      goneSinceSweep = 0;
    }
  }
}
