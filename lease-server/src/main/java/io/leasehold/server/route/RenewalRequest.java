package io.leasehold.server.route;

/** A renewal that needs more than this member's memory. Safe to repeat. */
final class RenewalRequest extends RoutedRequest implements Leader.RenewalAnswer {
  private final long leaseId;
  private final LeaseRouter.RenewalCallback callback;

  RenewalRequest(
      LeaseRouter router, long deadlineNanos, long leaseId, LeaseRouter.RenewalCallback callback) {
    super(router, deadlineNanos);
    this.leaseId = leaseId;
    this.callback = callback;
  }

  @Override
  void attempt(Leader leader, long term) {
    leader.renew(leaseId, this);
  }

  @Override
  public void renewed(long ttlMillis) {
    if (settle()) {
      callback.renewed(ttlMillis);
    }
  }

  @Override
  public void notFound() {
    if (settle()) {
      callback.notFound();
    }
  }

  @Override
  public void tryAgain() {
    router.park(this);
  }

  @Override
  void fail(RequestFailure failure) {
    callback.failed(failure);
  }
}
