package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;

/**
 * The one answer to a unary call, given from any thread. Make it before the service method returns.
 */
final class UnaryAnswer<T> implements LeaseRouter.FailureCallback {
  private final StreamObserver<T> observer;

  UnaryAnswer(StreamObserver<T> observer) {
    this.observer = observer;
    if (observer instanceof ServerCallStreamObserver<T> call) {
      // Without a handler, answering a call that the client gave up throws, on a thread of the
      // engine.
      call.setOnCancelHandler(() -> {});
    }
  }

  void send(T answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  void fail(EtcdError error) {
    fail(error.status());
  }

  void fail(Status status) {
    observer.onError(status.asRuntimeException());
  }

  @Override
  public void failed(RequestFailure failure) {
    fail(EtcdError.of(failure));
  }
}
