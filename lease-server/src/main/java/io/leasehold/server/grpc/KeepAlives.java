package io.leasehold.server.grpc;

import io.leasehold.core.time.NanoClock;
import io.leasehold.server.metrics.ServerMetrics;
import io.leasehold.server.route.LeaseRouter;

/** What all streams of renewals of a member have in common. */
public record KeepAlives(
    LeaseRouter router,
    ResponseHeaders headers,
    OpenStreams openStreams,
    RequireLeader requireLeader,
    NanoClock clock,
    ServerMetrics metrics) {}
