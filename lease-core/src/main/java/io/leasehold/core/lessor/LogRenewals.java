package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.log.ProposalResult;
import java.util.List;

/**
 * Renewals that cannot be answered from memory alone: of leases that carry a checkpoint, which has
 * to be cleared through the log first (rule S5), and of leases that are being ended, which wait for
 * the outcome.
 *
 * <p>Confined to the owner thread.
 */
final class LogRenewals {
  /** Clearing a checkpoint says nothing of lease time. */
  private static final long NO_NEWS_OF_TIME = 0;

  private final Owner owner;
  private final Endings endings;
  private final CheckpointClears clears;
  private int clearsInFlight;

  LogRenewals(Owner owner, Endings endings) {
    this.owner = owner;
    this.endings = endings;
    this.clears = new CheckpointClears(owner.config.checkpointBatchMax());
  }

  boolean isClearing(long leaseId) {
    return clears.isClearing(leaseId);
  }

  int waiting() {
    return clears.waiting();
  }

  void renew(long leaseId, long receivedNanos, Renewal.Callback callback) {
    if (owner.isDemoted()) {
      callback.failed();
      return;
    }
    Lease lease = owner.leases.get(leaseId);
    if (lease == null) {
      callback.notFound();
      return;
    }
    while (true) {
      long word = lease.word();
      if (Lease.isGone(word)) {
        callback.notFound();
        return;
      }
      if (!Lease.isScheduled(word)) {
        owner.repeat(() -> renew(leaseId, receivedNanos, callback)); // granted this instant
        return;
      }
      if (Lease.isEnding(word)) {
        endings.await(leaseId, () -> renew(leaseId, receivedNanos, callback));
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

  /** Proposes what was gathered, unless enough is under way: then more gathers. */
  void propose() {
    if (clearsInFlight >= owner.config.checkpointsInFlightMax()) {
      return;
    }
    for (CheckpointClears.Batch batch : clears.take()) {
      clearsInFlight++;
      long[] ids = batch.leaseIds();
      owner.log.propose(
          new Command.Checkpoint(
              LeaseIds.of(ids), Millis.zeros(ids.length), NO_NEWS_OF_TIME, owner.term),
          owner.term,
          result -> owner.answer(() -> answered(batch, result)));
    }
  }

  /** Fails every renewal that waits for the log. */
  void failAll() {
    clears.takeAll().forEach(this::fail);
  }

  private void answered(CheckpointClears.Batch batch, ProposalResult result) {
    if (!clears.isUnderWay(batch)) {
      return; // failed at demotion
    }
    clearsInFlight--;
    if (result instanceof ProposalResult.Applied applied
        && applied.outcome() instanceof Outcome.Checkpointed) {
      clears.answered(batch);
      batch.renewals.forEach(this::acknowledge);
    } else {
      fail(batch);
    }
  }

  private void acknowledge(long leaseId, List<Renewal.Callback> callbacks) {
    if (owner.isDemoted()) {
      callbacks.forEach(Renewal.Callback::failed);
      return;
    }
    Lease lease = owner.leases.get(leaseId);
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

  private void fail(CheckpointClears.Batch batch) {
    clears.answered(batch);
    batch.renewals.values().forEach(callbacks -> callbacks.forEach(Renewal.Callback::failed));
  }
}
