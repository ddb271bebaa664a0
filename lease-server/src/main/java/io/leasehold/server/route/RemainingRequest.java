package io.leasehold.server.route;

/** A question for the time a lease has left. Safe to repeat. */
final class RemainingRequest extends RoutedRequest implements Leader.RemainingAnswer {
  private final long leaseId;
  private final LeaseRouter.RemainingCallback callback;

  RemainingRequest(
      LeaseRouter router,
      long deadlineNanos,
      long leaseId,
      LeaseRouter.RemainingCallback callback) {
    super(router, deadlineNanos);
    this.leaseId = leaseId;
    this.callback = callback;
  }

  @Override
  void attempt(Leader leader, long term) {
    leader.remaining(leaseId, this);
  }

  @Override
  public void remaining(long remainingMillis, long ttlMillis) {
    if (settle()) {
      callback.remaining(remainingMillis, ttlMillis);
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
