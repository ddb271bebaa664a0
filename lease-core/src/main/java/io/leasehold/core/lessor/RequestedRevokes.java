package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;

/**
 * Revokes that clients ask for. The lease is marked as ending before the revoke is proposed, so
 * that no renewal is acknowledged after the revoke was, whichever member acknowledges it (rule S3);
 * the mark is taken back when the log refused.
 *
 * <p>Confined to the owner thread.
 */
final class RequestedRevokes {
  private final Owner owner;
  private final Endings endings;
  private final DueLeases due;

  RequestedRevokes(Owner owner, Endings endings, DueLeases due) {
    this.owner = owner;
    this.endings = endings;
    this.due = due;
  }

  void propose(long leaseId, CommandLog.Callback callback) {
    if (owner.isDemoted()) {
      callback.complete(new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER));
      return;
    }
    Lease lease = owner.leases.get(leaseId);
    if (lease != null) {
      endings.begin(leaseId, markEnding(lease));
    }
    owner.log.propose(
        new Command.Revoke(LeaseIds.of(leaseId), RevokeCause.REQUESTED, Command.NOT_FENCED),
        owner.term,
        result -> {
          if (lease != null) {
            owner.answer(() -> answered(lease, result));
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

  private void answered(Lease lease, ProposalResult result) {
    if (result instanceof ProposalResult.Unknown) {
      // It may come through yet, so the lease must not be renewed again: it ends one way or the
      // other.
      endings.mayComeThrough(lease.id());
      due.seeThatItEnds(lease);
    }
    Endings.Requested last = endings.answered(lease.id());
    if (last != null && last.sparable) {
      spare(lease, last.dropped);
    }
  }

  /** Takes the mark back from a lease of which no revoke was appended. */
  private void spare(Lease lease, boolean watchAgain) {
    while (true) {
      long word = lease.word();
      if (!Lease.isScheduled(word) || !Lease.isEnding(word)) {
        return;
      }
      if (lease.compareAndSetWord(word, Lease.notEnding(word))) {
        if (watchAgain) {
          due.watch(lease);
        }
        endings.settle(lease.id());
        return;
      }
    }
  }
}
