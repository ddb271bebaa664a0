package io.leasehold.server.route;

import io.leasehold.core.key.KeyRefusal;

/**
 * A grant on its way into the log.
 *
 * <p>With an ID that the client chose, a grant of unknown fate is not tried again: the lease may
 * have been granted, seen and revoked by others meanwhile, and must not come back. Nobody else
 * knows an ID that was drawn here.
 */
final class GrantRequest extends ProposedRequest {
  private final boolean isIdChosenHere;
  private final long ttlMillis;
  private final LeaseRouter.GrantCallback callback;
  private volatile long leaseId;

  GrantRequest(
      LeaseRouter router,
      long deadlineNanos,
      long leaseId,
      boolean isIdChosenHere,
      long ttlMillis,
      LeaseRouter.GrantCallback callback) {
    super(router, deadlineNanos);
    this.leaseId = leaseId;
    this.isIdChosenHere = isIdChosenHere;
    this.ttlMillis = ttlMillis;
    this.callback = callback;
  }

  @Override
  void propose(Leader leader, long term) {
    leader.grant(term, leaseId, ttlMillis, this);
  }

  @Override
  public void unknown() {
    if (isIdChosenHere) {
      super.unknown();
    } else if (settle()) {
      callback.failed(RequestFailure.UNKNOWN_OUTCOME);
    }
  }

  @Override
  void succeed() {
    callback.granted(leaseId, ttlMillis);
  }

  @Override
  void refusedHere(long index) {
    if (isIdChosenHere && !isUncertain()) {
      // Somebody else holds the ID we drew.
      leaseId = router.chooseLeaseId();
      router.park(this);
      return;
    }
    if (!settle()) {
      return;
    }
    if (isIdChosenHere) {
      // Nobody else draws the same 63 bits: the lease comes from our earlier attempt.
      succeed();
    } else {
      callback.leaseExists();
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
