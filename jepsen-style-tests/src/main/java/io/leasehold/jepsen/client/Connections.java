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
 * One connection to each member, and one for streams that are not always read. It retries nothing
 * and fails at once while the member is away: what became of a request must be known exactly. For
 * any number of threads.
 */
public final class Connections implements AutoCloseable {
  private static final int ANSWER_BYTES_MAX = 1 << 28;

  /** Unread bytes of one stream that the network takes; of others it is a MiB. */
  private static final int NARROW_WINDOW_BYTES = 16 << 10;

  private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();
  private final Map<String, ManagedChannel> narrowChannels = new LinkedHashMap<>();

  public Connections(TestCluster cluster) {
    cluster.members().forEach(member -> add(member, cluster.clientEndpoint(member)));
  }

  Connections(Map<String, Endpoint> endpoints) {
    endpoints.forEach(this::add);
  }

  private void add(String member, Endpoint endpoint) {
    channels.put(member, channel(endpoint).build());
    narrowChannels.put(member, channel(endpoint).flowControlWindow(NARROW_WINDOW_BYTES).build());
  }

  private static NettyChannelBuilder channel(Endpoint endpoint) {
    return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
        .usePlaintext()
        .disableRetry()
        .maxInboundMessageSize(ANSWER_BYTES_MAX);
  }

  public List<String> members() {
    return List.copyOf(channels.keySet());
  }

  /** Returns the connection to a member, which tries at once to come up if it is not. */
  public Channel to(String member) {
    return to(member, channels);
  }

  /**
   * Returns another connection to a member, as {@link #to}, on which little is on its way that
   * nobody has read: what the member cannot send stays with the member.
   */
  Channel narrowTo(String member) {
    return to(member, narrowChannels);
  }

  private static Channel to(String member, Map<String, ManagedChannel> channels) {
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
    narrowChannels.values().forEach(ManagedChannel::shutdownNow);
  }
}
