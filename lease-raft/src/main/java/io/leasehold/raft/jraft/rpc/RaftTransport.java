package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.util.Endpoint;
import io.grpc.ClientInterceptor;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.PeerRoutes;
import io.leasehold.raft.jraft.lead.VoteGate;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * What one member's links to the others share.
 *
 * @param introduction introduces this member on each call
 * @param others the members that are known from the start: their links are opened at once, so that
 *     an election does not have to wait for them
 * @param loops serve the links that carry entries, and nothing else: answers to entries are handled
 *     on them, and may wait for JRaft's locks there
 * @param routes which way connections to them are made
 * @param gate decides whether this member may ask for votes
 * @param beforeTimeoutNow runs before another member is told to start an election
 * @param replicators told what replicates, once that is known
 * @param appends hears what followers are sent
 * @param timer looks after time-outs and broken links
 * @param callbacks runs what JRaft gave no executor for
 * @param silenceNanos a link with calls outstanding that hears nothing for so long is opened anew
 */
public record RaftTransport(
    ClientInterceptor introduction,
    List<PeerAddress> others,
    EventLoopGroup loops,
    PeerRoutes routes,
    VoteGate gate,
    Runnable beforeTimeoutNow,
    Consumer<Replicators> replicators,
    AppendListener appends,
    NanoClock clock,
    ScheduledExecutorService timer,
    Executor callbacks,
    long silenceNanos) {

  /** Returns the address behind an endpoint; host names are kept as they are. */
  static PeerAddress address(Endpoint endpoint) {
    return new PeerAddress(endpoint.getIp(), endpoint.getPort());
  }
}
