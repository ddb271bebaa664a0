package io.leasehold.client.internal.grpc;

import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.client.internal.keepalive.DeadlineRule;
import io.leasehold.client.internal.keepalive.KeepAliveEngine;
import java.util.concurrent.Executor;

/** Renewals as etcd has them: a message for each lease. */
final class SingleRenewals extends RenewalCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> {
  private final KeepAliveEngine engine;
  private final long number;

  SingleRenewals(
      Endpoint endpoint, Executor owner, Hearer hearer, KeepAliveEngine engine, long number) {
    super(endpoint, LeaseGrpc.getLeaseKeepAliveMethod(), owner, hearer);
    this.engine = engine;
    this.number = number;
  }

  @Override
  void renew(long leaseId, long ttlNanos) {
    send(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
  }

  @Override
  void flush() {
    // Each has left already.
  }

  @Override
  void answered(LeaseKeepAliveResponse answer) {
    if (answer.getTTL() > 0) {
      engine.renewed(number, answer.getID(), DeadlineRule.ttlNanos(answer.getTTL()), true);
    } else {
      engine.notFound(number, answer.getID());
    }
  }
}
