package io.leasehold.jepsen.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;

/**
 * One stream of renewals to one member. Requests are sent by one thread; the listener is called on
 * threads of the network.
 */
final class RenewalStream {
  /** Who is told. */
  interface Listener {
    void answered(RenewalStream stream, LeaseKeepAliveResponse answer, long returnedNanos);

    /** The stream is over. */
    void ended(RenewalStream stream, Status status, long returnedNanos);
  }

  private final String member;
  private final SendWatch sending = new SendWatch();
  private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;
  private final StreamObserver<LeaseKeepAliveRequest> requests;

  RenewalStream(String member, Channel channel, RunClock clock, Listener listener) {
    this.member = member;
    call = channel.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), sending.on(CallOptions.DEFAULT));
    requests =
        ClientCalls.asyncBidiStreamingCall(
            call,
            new StreamObserver<>() {
              @Override
              public void onNext(LeaseKeepAliveResponse answer) {
                listener.answered(RenewalStream.this, answer, clock.nowNanos());
              }

              @Override
              public void onError(Throwable cause) {
                listener.ended(RenewalStream.this, Status.fromThrowable(cause), clock.nowNanos());
              }

              @Override
              public void onCompleted() {
                listener.ended(
                    RenewalStream.this,
                    Status.UNAVAILABLE.withDescription("the member ended the stream"),
                    clock.nowNanos());
              }
            });
  }

  String member() {
    return member;
  }

  boolean maybeSent() {
    return sending.maybeSent();
  }

  void send(long leaseId) {
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
  }

  /** Gives up: nothing that was not answered yet will be. */
  void cancel(String why) {
    call.cancel(why, null);
  }
}
