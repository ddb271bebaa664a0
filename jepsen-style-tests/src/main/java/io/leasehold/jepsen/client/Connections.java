package io.leasehold.jepsen.client;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.jepsen.cluster.Endpoint;
import io.leasehold.jepsen.cluster.TestCluster;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One connection to each member. It retries nothing and fails at once while the member is away:
 * what became of a request must be known exactly. For any number of threads.
 */
public final class Connections implements AutoCloseable {
  private static final int ANSWER_BYTES_MAX = 1 << 28;

  private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();

  public Connections(TestCluster cluster) {
    for (String member : cluster.members()) {
      channels.put(member, channel(cluster.clientEndpoint(member)));
    }
  }

  Connections(Map<String, Endpoint> endpoints) {
    endpoints.forEach((member, endpoint) -> channels.put(member, channel(endpoint)));
  }

  private static ManagedChannel channel(Endpoint endpoint) {
    return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
        .usePlaintext()
        .disableRetry()
        .maxInboundMessageSize(ANSWER_BYTES_MAX)
        .build();
  }

  public List<String> members() {
    return List.copyOf(channels.keySet());
  }

  /** Returns the connection to a member, which tries at once to come up if it is not. */
  public Channel to(String member) {
    ManagedChannel channel = channels.get(member);
    if (channel == null) {
      throw new IllegalArgumentException("no member " + member);
    }
    // A member that was away must not be thought away for as long as a back-off grows to.
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel;
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
