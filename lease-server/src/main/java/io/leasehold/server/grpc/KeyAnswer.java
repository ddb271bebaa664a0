package io.leasehold.server.grpc;

import io.grpc.stub.StreamObserver;
import io.leasehold.core.time.NanoClock;
import io.leasehold.server.metrics.KeyMetrics;
import io.leasehold.server.metrics.KeyMetrics.Call;
import io.leasehold.server.metrics.KeyMetrics.Result;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;

/** The one answer to a call on keys, timed and counted. Any thread, as {@link UnaryAnswer}. */
final class KeyAnswer<T> implements LeaseRouter.FailureCallback {
  private final UnaryAnswer<T> answer;
  private final Call call;
  private final KeyMetrics metrics;
  private final NanoClock clock;
  private final long startNanos;

  KeyAnswer(StreamObserver<T> observer, Call call, KeyMetrics metrics, NanoClock clock) {
    this.answer = new UnaryAnswer<>(observer);
    this.call = call;
    this.metrics = metrics;
    this.clock = clock;
    this.startNanos = clock.nanoTime();
  }

  void send(T message) {
    count(Result.ANSWERED);
    answer.send(message);
  }

  void refuse(EtcdError error) {
    count(Result.REFUSED);
    answer.fail(error);
  }

  void fail(EtcdError error) {
    count(Result.FAILED);
    answer.fail(error);
  }

  @Override
  public void failed(RequestFailure failure) {
    count(Result.FAILED);
    answer.failed(failure);
  }

  private void count(Result result) {
    metrics.answered(call, result, clock.nanoTime() - startNanos);
  }
}
