package io.leasehold.jepsen.client;

import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;

/** Renewals as etcd has them: a message for each. */
final class SingleRenewals extends RenewalStream {
  private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;
  private final StreamObserver<LeaseKeepAliveRequest> requests;

  SingleRenewals(String member, Channel channel, RunClock clock, Listener listener) {
    super(member, listener);
    call = call(channel, LeaseGrpc.getLeaseKeepAliveMethod());
    requests =
        begin(
            call,
            clock,
            answer ->
                listener.answered(
                    this, answer.getID(), answer.getTTL(), answer.getHeader(), clock.nowNanos()));
  }

  @Override
  void renew(long leaseId, long ttlSeconds) {
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
  }

  @Override
  void flush() {
    // Each has left already.
  }

  @Override
  void cancel(String why) {
    call.cancel(why, null);
  }
}
