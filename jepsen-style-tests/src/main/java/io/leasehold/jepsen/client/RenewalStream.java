package io.leasehold.jepsen.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import java.util.function.Consumer;

/**
 * One stream of renewals to one member. Requests are sent by one thread; the listener is called on
 * threads of the network.
 */
abstract class RenewalStream {
  /** Who is told. */
  interface Listener {
    /** A TTL of zero says that the lease is gone. */
    void answered(
        RenewalStream stream,
        long leaseId,
        long ttlSeconds,
        ResponseHeader header,
        long returnedNanos);

    /** The member cannot tell what became of a renewal. */
    void undecided(RenewalStream stream, long leaseId, long returnedNanos);

    /** The stream is over. */
    void ended(RenewalStream stream, Status status, long returnedNanos);
  }

  final Listener listener;
  private final String member;
  private final SendWatch sending = new SendWatch();

  RenewalStream(String member, Listener listener) {
    this.member = member;
    this.listener = listener;
  }

  final String member() {
    return member;
  }

  final boolean maybeSent() {
    return sending.maybeSent();
  }

  /** Sends a renewal, or gathers it until {@link #flush}. */
  abstract void renew(long leaseId, long ttlSeconds);

  /** Sends what was gathered. */
  abstract void flush();

  /** Gives up: nothing that was not answered yet will be. */
  abstract void cancel(String why);

  final <Q, A> ClientCall<Q, A> call(Channel channel, MethodDescriptor<Q, A> method) {
    return channel.newCall(method, sending.on(CallOptions.DEFAULT));
  }

  /** Begins a call that ends the stream when it ends. */
  final <Q, A> StreamObserver<Q> begin(ClientCall<Q, A> call, RunClock clock, Consumer<A> answers) {
    return ClientCalls.asyncBidiStreamingCall(
        call,
        new StreamObserver<>() {
          @Override
          public void onNext(A answer) {
            answers.accept(answer);
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
}
