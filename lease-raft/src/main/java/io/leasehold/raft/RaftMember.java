package io.leasehold.raft;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.StateStoreException;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.jraft.JraftReplica;
import io.leasehold.raft.jraft.TermWatch;
import io.leasehold.raft.jraft.lead.LeaderLease;
import io.leasehold.raft.jraft.lead.VoteGate;
import io.leasehold.raft.jraft.rpc.Introduction;
import io.leasehold.raft.jraft.rpc.MemberNodeOptions;
import io.leasehold.raft.jraft.rpc.RaftLinkService;
import io.leasehold.raft.jraft.rpc.RaftTransport;
import io.leasehold.raft.member.DataDirectory;
import io.leasehold.raft.member.DataDirectoryException;
import io.leasehold.raft.member.Enrolment;
import io.leasehold.raft.member.MembershipService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine of one member, put together: data directory, peer port, Raft node, replica.
 *
 * <p>{@link #start} blocks until the node has been started, which for a member that is new to a
 * cluster may take until enough of the others are there. Any thread.
 */
public final class RaftMember implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RaftMember.class);

  private static final int TIMER_THREADS = 2;
  private static final int MESSAGE_BYTES_MAX = 64 << 20;
  private static final int HURRY_MILLIS = 200;
  private static final int PERMIT_KEEP_ALIVE_SECONDS = 5;
  private static final int PORT_CLOSES_SECONDS = 1;

  private final RaftMemberConfig config;
  private final DataDirectory directory;
  private final long clusterId;
  private final ScheduledExecutorService timer;
  private final ExecutorService workers;
  private final PeerChannels channels;
  private final PeerLoops loops;
  private final JraftReplica replica;
  private final Server peerServer;
  private final Thread confirming;

  private RaftMember(
      RaftMemberConfig config,
      DataDirectory directory,
      long clusterId,
      ScheduledExecutorService timer,
      ExecutorService workers,
      PeerChannels channels,
      PeerLoops loops,
      JraftReplica replica,
      Server peerServer,
      Thread confirming) {
    this.config = config;
    this.directory = directory;
    this.clusterId = clusterId;
    this.timer = timer;
    this.workers = workers;
    this.channels = channels;
    this.loops = loops;
    this.replica = replica;
    this.peerServer = peerServer;
    this.confirming = confirming;
  }

  /**
   * Starts a member.
   *
   * @param peerServices further services for the peer port, open to members only
   */
  public static RaftMember start(
      RaftMemberConfig config,
      Environment environment,
      Function<Replica, List<BindableService>> peerServices,
      ReplicaObserver observer,
      FatalErrorHandler fatal)
      throws StartException {
    NanoClock clock = environment.clock();
    long clusterId = ClusterIds.cluster(config);
    DataDirectory directory;
    try {
      directory =
          DataDirectory.open(
              config.dataDirectory(), config.name(), clusterId, environment.random());
    } catch (DataDirectoryException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
    ScheduledExecutorService timer =
        Executors.newScheduledThreadPool(TIMER_THREADS, threads("raft-timer"));
    ExecutorService workers = Executors.newCachedThreadPool(threads("raft-worker"));
    AtomicReference<@Nullable JraftReplica> started = new AtomicReference<>();
    Introduction introduction =
        new Introduction(
            clusterId,
            config.name(),
            directory.identity(),
            config.electionTimeoutMillis(),
            () -> heldLogIndex(started.get()));
    PeerChannels channels = new PeerChannels(config, environment.routes(), introduction.caller());
    PeerLoops loops = new PeerLoops();
    RaftMember member = null;
    try {
      long electionNanos = config.electionTimeoutMillis() * 1_000_000L;
      VoteGate gate = new VoteGate(clock, VoteGate.window(electionNanos), electionNanos);
      TermWatch terms = new TermWatch();
      LeaderLease lease = new LeaderLease(clock, terms::term);
      RaftLinkService links = new RaftLinkService(gate, workers, config.listenPeer().port());
      JraftReplica replica =
          new JraftReplica(
              config,
              directory,
              clock,
              environment.leaseClock(),
              timer,
              workers,
              terms,
              gate,
              lease,
              observer,
              fatal);
      started.set(replica);
      // A member that was admitted before cannot say whether it holds anything until its log is
      // open.
      boolean newDirectory = directory.isFresh();
      Supplier<@Nullable Boolean> fresh =
          () -> (newDirectory || replica.isStarted()) ? (Boolean) replica.isFresh() : null;
      Server server =
          peerServer(config, clusterId, introduction, replica, fresh, links, loops, peerServices);
      Enrolment enrolment = new Enrolment(config, directory, clusterId, channels::channel, clock);
      Thread confirming = threads("enrolment").newThread(() -> enrolment.confirm(fatal));
      member =
          new RaftMember(
              config,
              directory,
              clusterId,
              timer,
              workers,
              channels,
              loops,
              replica,
              server,
              confirming);
      ScheduledFuture<?> unused =
          timer.scheduleWithFixedDelay(
              channels::hurry, HURRY_MILLIS, HURRY_MILLIS, TimeUnit.MILLISECONDS);
      boolean votes = enrolment.awaitAdmission();
      RaftTransport transport =
          new RaftTransport(
              introduction.caller(),
              others(config),
              loops.links(),
              environment.routes(),
              gate,
              lease::giveUp,
              replica::replicatesBy,
              replica.appends(),
              clock,
              timer,
              workers,
              electionNanos);
      replica.start(
          directory,
          votes ? config.initialCluster() : Map.of(),
          links,
          new MemberNodeOptions(transport));
      confirming.start();
      return member;
    } catch (StateStoreException | IOException | DataDirectoryException e) {
      stopAfterFailure(member, directory, timer, workers, channels, loops);
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (StartException | RuntimeException e) {
      stopAfterFailure(member, directory, timer, workers, channels, loops);
      throw e;
    }
  }

  private static List<PeerAddress> others(RaftMemberConfig config) {
    return config.initialCluster().values().stream()
        .filter(address -> !address.equals(config.ownAddress()))
        .toList();
  }

  /** Returns this member's replica. */
  public Replica replica() {
    return replica;
  }

  /** Returns the way to the other members' services. */
  public PeerNetwork network() {
    return channels;
  }

  /** Returns the number that names the cluster; never 0. */
  public long clusterId() {
    return clusterId;
  }

  /** Returns the number that names a member; never 0. */
  public long memberId(String name) {
    return ClusterIds.member(config, name);
  }

  /**
   * Hands leadership over if it is held, waiting at most {@code handOver} for the successor, and
   * stops; when that is zero, stops at once and hands nothing over. The peer port is free again
   * afterwards. Blocks.
   */
  public void close(Duration handOver) {
    confirming.interrupt();
    replica.close(handOver);
    closePort();
    channels.close();
    loops.close();
    timer.shutdownNow();
    workers.shutdown();
    directory.close();
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }

  private void closePort() {
    try {
      if (!peerServer.shutdownNow().awaitTermination(PORT_CLOSES_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the peer port is not closed after {} s", PORT_CLOSES_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stopAfterFailure(
      @Nullable RaftMember member,
      DataDirectory directory,
      ScheduledExecutorService timer,
      ExecutorService workers,
      PeerChannels channels,
      PeerLoops loops) {
    if (member != null) {
      member.close();
      return;
    }
    channels.close();
    loops.close();
    timer.shutdownNow();
    workers.shutdown();
    directory.close();
  }

  private static Server peerServer(
      RaftMemberConfig config,
      long clusterId,
      Introduction introduction,
      JraftReplica replica,
      Supplier<@Nullable Boolean> fresh,
      RaftLinkService links,
      PeerLoops loops,
      Function<Replica, List<BindableService>> peerServices)
      throws IOException {
    ServerInterceptor doorkeeper =
        introduction.doorkeeper(caller -> objection(config, replica, caller));
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(config.listenPeer().host(), config.listenPeer().port()))
            .channelType(NativeLoops.serverChannel())
            .bossEventLoopGroup(loops.acceptor())
            .workerEventLoopGroup(loops.server())
            .directExecutor()
            .withChildOption(ChannelOption.TCP_NODELAY, true)
            .permitKeepAliveWithoutCalls(true)
            .permitKeepAliveTime(PERMIT_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .addService(
                new MembershipService(
                    clusterId,
                    config.name(),
                    config.initialCluster().keySet(),
                    replica,
                    replica.voterChanges(),
                    fresh))
            .addService(ServerInterceptors.intercept(links, doorkeeper));
    for (BindableService service : peerServices.apply(replica)) {
      builder.addService(ServerInterceptors.intercept(service, doorkeeper));
    }
    try {
      return builder.build().start();
    } catch (IOException e) {
      throw new IOException(
          "cannot listen for peers on " + config.listenPeer() + ": " + rootCause(e), e);
    }
  }

  /**
   * Refuses a caller that goes by the name of another, unless it has more of the log than this
   * member has applied: then the record may be out of date here, and the caller may be the one to
   * bring it up to date.
   */
  private static @Nullable String objection(
      RaftMemberConfig config, JraftReplica replica, Introduction.Caller caller) {
    if (!config.initialCluster().containsKey(caller.name())) {
      return "no member of this cluster is named " + caller.name();
    }
    for (MemberRecord record : replica.members()) {
      if (record.name().equals(caller.name())
          && !record.identity().equals(caller.identity())
          && replica.appliedIndex() >= caller.lastLogIndex()) {
        return "member "
            + caller.name()
            + " is on record with another identity: its data directory was replaced";
      }
    }
    return null;
  }

  private static long heldLogIndex(@Nullable JraftReplica replica) {
    return replica == null ? 0 : replica.heldLogIndex();
  }

  private static String rootCause(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private static ThreadFactory threads(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
