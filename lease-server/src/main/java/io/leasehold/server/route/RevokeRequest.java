package io.leasehold.server.route;

import io.leasehold.core.key.KeyRefusal;

/** A revoke on its way into the log. */
final class RevokeRequest extends ProposedRequest {
  private final long leaseId;
  private final LeaseRouter.RevokeCallback callback;

  RevokeRequest(
      LeaseRouter router, long deadlineNanos, long leaseId, LeaseRouter.RevokeCallback callback) {
    super(router, deadlineNanos);
    this.leaseId = leaseId;
    this.callback = callback;
  }

  @Override
  void propose(Leader leader, long term) {
    leader.revoke(term, leaseId, this);
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
