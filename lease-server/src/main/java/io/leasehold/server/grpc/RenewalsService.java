package io.leasehold.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import io.leasehold.core.time.NanoClock;
import io.leasehold.server.metrics.ServerMetrics;
import io.leasehold.server.route.LeaseRouter;

/** Our own service of renewals, many leases a message. Runs on event loops. */
public final class RenewalsService extends RenewalsGrpc.RenewalsImplBase {
  private final LeaseRouter router;
  private final ResponseHeaders headers;
  private final OpenStreams openStreams;
  private final EventLoops loops;
  private final NanoClock clock;
  private final ServerMetrics metrics;

  public RenewalsService(
      LeaseRouter router,
      ResponseHeaders headers,
      OpenStreams openStreams,
      EventLoops loops,
      NanoClock clock,
      ServerMetrics metrics) {
    this.router = router;
    this.headers = headers;
    this.openStreams = openStreams;
    this.loops = loops;
    this.clock = clock;
    this.metrics = metrics;
  }

  @Override
  public StreamObserver<RenewBatchRequest> renewBatch(StreamObserver<RenewBatchResponse> observer) {
    RenewBatchStream stream =
        new RenewBatchStream(
            (ServerCallStreamObserver<RenewBatchResponse>) observer,
            router,
            headers,
            openStreams,
            loops.nextTurn(),
            clock,
            metrics);
    stream.open(RequireLeader.isRequired());
    return stream;
  }
}
