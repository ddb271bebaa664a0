package io.leasehold.server.fake;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.leasehold.raft.Replica;
import io.leasehold.raft.ReplicaObserver;
import io.leasehold.server.Engine;
import io.leasehold.server.StartException;
import io.leasehold.server.config.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** A fake replica with a real peer port on loopback. */
public final class FakeEngine implements Engine {
  private final FakeReplica replica;
  private final Server peerServer;
  private final Map<String, Integer> peerPorts;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  private FakeEngine(FakeReplica replica, Server peerServer, Map<String, Integer> peerPorts) {
    this.replica = replica;
    this.peerServer = peerServer;
    this.peerPorts = peerPorts;
  }

  /**
   * Returns what starts the engine of a member.
   *
   * @param peerPorts where members publish their ports; shared by all
   */
  public static Engine.Starter starter(FakeCluster cluster, Map<String, Integer> peerPorts) {
    return (ServerConfig config,
        Function<Replica, List<BindableService>> peerServices,
        ReplicaObserver observer,
        Consumer<String> fatal) -> start(cluster.replica(config.name()), peerServices, peerPorts);
  }

  private static FakeEngine start(
      FakeReplica replica,
      Function<Replica, List<BindableService>> peerServices,
      Map<String, Integer> peerPorts)
      throws StartException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    peerServices.apply(replica).forEach(builder::addService);
    try {
      Server server = builder.directExecutor().build().start();
      peerPorts.put(replica.name(), server.getPort());
      return new FakeEngine(replica, server, peerPorts);
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  /** Cuts the connections to another member; they are made anew when next asked for. */
  public void cutConnections(String memberName) {
    ManagedChannel channel = channels.remove(memberName);
    if (channel != null) {
      channel.shutdownNow();
    }
  }

  @Override
  public FakeReplica replica() {
    return replica;
  }

  @Override
  public Channel channel(String memberName) {
    return channels.computeIfAbsent(
        memberName,
        name ->
            NettyChannelBuilder.forAddress(
                    new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), peerPorts.getOrDefault(name, 1)))
                .usePlaintext()
                .build());
  }

  @Override
  public long clusterId() {
    return 77;
  }

  @Override
  public long memberId(String memberName) {
    return Math.abs((long) memberName.hashCode()) + 1;
  }

  @Override
  public void close(Duration handOver) {
    channels.values().forEach(ManagedChannel::shutdownNow);
    peerServer.shutdownNow();
    replica.close();
  }
}
