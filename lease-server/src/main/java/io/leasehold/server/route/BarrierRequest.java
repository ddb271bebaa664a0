package io.leasehold.server.route;

/** A read barrier, tried until it holds. */
final class BarrierRequest extends RoutedRequest {
  private final LeaseRouter.BarrierCallback callback;

  BarrierRequest(LeaseRouter router, long deadlineNanos, LeaseRouter.BarrierCallback callback) {
    super(router, deadlineNanos);
    this.callback = callback;
  }

  @Override
  void attempt(Leader leader, long term) {
    router.replica().readBarrier(this::answered);
  }

  private void answered(boolean isPassed) {
    if (!isPassed) {
      router.park(this);
    } else if (settle()) {
      callback.passed();
    }
  }

  @Override
  void fail(RequestFailure failure) {
    callback.failed(failure);
  }
}
