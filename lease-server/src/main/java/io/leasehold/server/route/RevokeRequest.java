package io.leasehold.server.route;

import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.lease.Lease;
import org.jspecify.annotations.Nullable;

/**
 * A revoke on its way into the log.
 *
 * <p>After an attempt of unknown fate, the lease of that ID may be one that somebody granted after
 * ours was revoked. So once a later term has begun, this member catches up with the log and looks:
 * a lease that is gone is revoked, the very lease that was there before the first attempt is
 * revoked now, and of any other nobody can say.
 */
final class RevokeRequest extends ProposedRequest {
  private final long leaseId;
  private final LeaseRouter.RevokeCallback callback;

  /**
   * The lease as this member had it before the first attempt; it stays one object while it lives.
   */
  private final @Nullable Lease known;

  RevokeRequest(
      LeaseRouter router, long deadlineNanos, long leaseId, LeaseRouter.RevokeCallback callback) {
    super(router, deadlineNanos);
    this.leaseId = leaseId;
    this.callback = callback;
    this.known = router.replica().leases().get(leaseId);
  }

  @Override
  void propose(Leader leader, long term) {
    if (isUncertain()) {
      router.replica().readBarrier(isPassed -> lookAgain(leader, term, isPassed));
    } else {
      leader.revoke(term, leaseId, this);
    }
  }

  private void lookAgain(Leader leader, long term, boolean isPassed) {
    Lease found = router.replica().leases().get(leaseId);
    if (!isPassed) {
      tryAgain();
    } else if (found != null && found == known) {
      leader.revoke(term, leaseId, this);
    } else if (settle()) {
      if (found == null) {
        callback.revoked();
      } else {
        callback.failed(RequestFailure.UNKNOWN_OUTCOME);
      }
    }
  }

  @Override
  void succeed() {
    callback.revoked();
  }

  @Override
  void refusedHere(long index) {
    if (!settle()) {
      return;
    }
    if (isUncertain()) {
      // The lease is gone now, and an earlier attempt of ours may be why.
      callback.revoked();
    } else {
      callback.notFound();
    }
  }

  @Override
  void forbidden(KeyRefusal why) {
    callback.forbidden(why);
  }

  @Override
  void fail(RequestFailure failure) {
    callback.failed(failure);
  }
}
