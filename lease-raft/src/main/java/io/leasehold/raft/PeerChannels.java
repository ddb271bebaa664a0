package io.leasehold.raft;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.leasehold.raft.jraft.rpc.PeerChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Connections to the other members' peer ports for everything but Raft, one a member. Any thread.
 */
final class PeerChannels implements PeerNetwork, AutoCloseable {
  private final Map<String, ManagedChannel> channels = new HashMap<>();

  PeerChannels(RaftMemberConfig config, PeerRoutes routes, ClientInterceptor introduction) {
    config
        .initialCluster()
        .forEach(
            (name, address) -> {
              // No route leads from a member to itself.
              PeerAddress to = name.equals(config.name()) ? address : routes.toward(address);
              channels.put(name, PeerChannel.open(to, introduction));
            });
  }

  @Override
  public Channel channel(String memberName) {
    ManagedChannel channel = channels.get(memberName);
    if (channel == null) {
      throw new IllegalArgumentException("no member is named " + memberName);
    }
    return channel;
  }

  @Override
  public Set<String> members() {
    return Set.copyOf(channels.keySet());
  }

  /** Makes connections that failed try again now, instead of after gRPC's growing pauses. */
  void hurry() {
    channels.values().forEach(PeerChannel::hurry);
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
