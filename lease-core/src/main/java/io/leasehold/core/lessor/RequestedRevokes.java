package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Revokes that clients ask for. The lease is marked as ending before the revoke is proposed, so
 * that no renewal is acknowledged after the revoke was, whichever member acknowledges it (rule S3);
 * the mark is taken back when the log refused, or the state machine did.
 *
 * <p>Confined to the owner thread.
 */
final class RequestedRevokes {
  private final Owner owner;
  private final Endings endings;
  private final DueLeases due;

  /** Leases whose revoke is under way. Written by the owner thread, read by the apply thread. */
  private final Set<Long> awaited = ConcurrentHashMap.newKeySet();

  RequestedRevokes(Owner owner, Endings endings, DueLeases due) {
    this.owner = owner;
    this.endings = endings;
    this.due = due;
  }

  /**
   * Tells whether a revoke of a lease is under way. If the lease was not in the table when the
   * revoke was proposed, its grant comes before the revoke in the log and must be marked as it is
   * applied. Apply thread, after the lease was put in the table.
   */
  boolean isAwaited(long leaseId) {
    return !awaited.isEmpty() && awaited.contains(leaseId);
  }

  void propose(long leaseId, CommandLog.Callback callback) {
    if (owner.isDemoted()) {
      callback.complete(new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER));
      return;
    }
    // Announced before the look: a lease that is not found yet will see the announcement.
    awaited.add(leaseId);
    Lease lease = owner.leases.get(leaseId);
    if (lease != null && isBeingScheduled(lease.word())) {
      owner.repeat(() -> propose(leaseId, callback)); // granted this instant
      return;
    }
    endings.begin(leaseId, lease == null || markEnding(lease));
    owner.log.propose(
        new Command.Revoke(LeaseIds.of(leaseId), RevokeCause.REQUESTED, Command.NOT_FENCED),
        owner.term,
        result -> {
          owner.answer(() -> answered(leaseId, result));
          callback.complete(result);
        });
  }

  private static boolean isBeingScheduled(long word) {
    return !Lease.isScheduled(word) && !Lease.isGone(word);
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

  private void answered(long leaseId, ProposalResult result) {
    if (result instanceof ProposalResult.Unknown) {
      endings.mayComeThrough(leaseId);
    }
    Endings.Requested last = endings.answered(leaseId);
    if (last != null) {
      awaited.remove(leaseId);
      settle(leaseId, last);
    }
  }

  /** Decides what becomes of the mark, now that every revoke of the lease has been answered. */
  private void settle(long leaseId, Endings.Requested entry) {
    Lease lease = owner.leases.get(leaseId);
    if (lease == null || owner.isDemoted()) {
      return; // after demotion the marks are the next lessor's
    }
    if (isBeingScheduled(lease.word())) {
      owner.repeat(() -> settle(leaseId, entry)); // it may have seen the announcement
    } else if (entry.sparable) {
      spare(lease, entry.dropped);
    } else if (entry.mayComeThrough && Lease.isEnding(lease.word())) {
      // The lease must not be renewed again, so it ends one way or the other.
      due.seeThatItEnds(lease);
    }
  }

  /** Takes the mark back from a lease of which no revoke took effect. */
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
