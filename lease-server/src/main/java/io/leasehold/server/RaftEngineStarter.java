package io.leasehold.server;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.leasehold.raft.Environment;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.RaftMember;
import io.leasehold.raft.RaftMemberConfig;
import io.leasehold.raft.Replica;
import io.leasehold.raft.ReplicaObserver;
import io.leasehold.server.config.HttpUrl;
import io.leasehold.server.config.ServerConfig;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Starts the real engine. */
final class RaftEngineStarter implements Engine.Starter {
  private final Environment environment;

  RaftEngineStarter(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Engine start(
      ServerConfig config,
      Function<Replica, List<BindableService>> peerServices,
      ReplicaObserver observer,
      Consumer<String> fatal)
      throws StartException {
    try {
      return new RaftEngine(
          RaftMember.start(
              memberConfig(config), environment, peerServices, observer, fatal::accept));
    } catch (io.leasehold.raft.StartException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  private static RaftMemberConfig memberConfig(ServerConfig config) throws StartException {
    SortedMap<String, PeerAddress> members = new TreeMap<>();
    config.initialCluster().forEach((name, url) -> members.put(name, address(url)));
    if (config.listenPeer().port() == 0) {
      throw new StartException(
          "--listen-peer-urls " + config.listenPeer() + ": has port 0; name the port others use");
    }
    return new RaftMemberConfig(
        config.name(),
        config.dataDirectory(),
        address(config.listenPeer()),
        members,
        config.isExisting()
            ? RaftMemberConfig.ClusterState.EXISTING
            : RaftMemberConfig.ClusterState.NEW,
        config.clusterToken(),
        config.advertiseClientUrls().stream().map(HttpUrl::toString).toList(),
        config.heartbeatMillis(),
        config.electionTimeoutMillis(),
        config.checkpointIntervalMillis(),
        config.snapshotEntries(),
        config.revokeRatePerSecond(),
        config.isReplacement());
  }

  private static PeerAddress address(HttpUrl url) {
    return new PeerAddress(url.host(), url.port());
  }

  private record RaftEngine(RaftMember member) implements Engine {
    @Override
    public Replica replica() {
      return member.replica();
    }

    @Override
    public Channel channel(String memberName) {
      return member.network().channel(memberName);
    }

    @Override
    public long clusterId() {
      return member.clusterId();
    }

    @Override
    public long memberId(String memberName) {
      return member.memberId(memberName);
    }

    @Override
    public void close(Duration handOver) {
      member.close(handOver);
    }
  }
}
