package io.leasehold.server;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.leasehold.raft.Replica;
import io.leasehold.raft.ReplicaObserver;
import io.leasehold.server.config.ServerConfig;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** The engine as the composition root sees it: the replica and the way to the other members. */
public interface Engine {
  Replica replica();

  /** Returns the channel to the peer port of the member of that name. */
  Channel channel(String memberName);

  long clusterId();

  /** Returns the ID under which clients know the member of that name. */
  long memberId(String memberName);

  /** Hands leadership over if it is held, for at most so long, and stops. Blocks. */
  void close(Duration handOver);

  /** Starts an engine. */
  interface Starter {
    /**
     * Starts an engine. Blocks.
     *
     * @param peerServices what else the peer port serves
     * @param fatal told, in one line, why this member must stop at once
     */
    Engine start(
        ServerConfig config,
        Function<Replica, List<BindableService>> peerServices,
        ReplicaObserver observer,
        Consumer<String> fatal)
        throws StartException;
  }
}
