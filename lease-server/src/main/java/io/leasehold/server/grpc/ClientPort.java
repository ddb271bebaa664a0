package io.leasehold.server.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.leasehold.raft.NativeLoops;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC server that clients talk to. Calls run on the event loop that read them.
 *
 * <p>Owns the event loops it is given. {@link #close} waits for a moment and must not be called on
 * them.
 */
public final class ClientPort implements AutoCloseable {
  /** How long the last answers of a member that stops may take to get out. */
  private static final long ANSWERS_MILLIS = 100;

  /** etcd's allowance on top of the largest request for what gRPC and the envelope add. */
  private static final int MESSAGE_OVERHEAD_BYTES = 512 * 1024;

  /** Far above what a client needs (one stream for all leases), far below what hurts. */
  private static final int CALLS_PER_CONNECTION_MAX = 10_000;

  private static final int HEADER_BYTES_MAX = 16 * 1024;

  /**
   * Streams a client may reset in a window before it is cut off. Clients reset one whenever a call
   * of theirs times out; a flood is thousands in a second.
   */
  private static final int RESETS_PER_WINDOW_MAX = 1_000;

  private static final int RESET_WINDOW_SECONDS = 30;

  /** etcd's smallest interval between pings of a client. */
  private static final long PING_INTERVAL_MIN_SECONDS = 5;

  /** etcd's pings of silent clients. */
  private static final long PING_SECONDS = 2 * 60 * 60;

  private static final long PING_TIMEOUT_SECONDS = 20;

  /** What connects and then says nothing is no client. */
  private static final long HANDSHAKE_SECONDS = 10;

  private static final int ACCEPT_BACKLOG = 1024;

  private final List<SocketAddress> addresses;
  private final Server server;
  private final HealthStatusManager health = new HealthStatusManager();
  private final EventLoops loops;

  /**
   * @param requestBytesMax the largest request a client may send
   * @param services what is served besides health and reflection
   * @param keepAlives for renewals, which are served beneath gRPC
   */
  @SuppressWarnings("deprecation") // older grpcurl and friends know only the older reflection
  public ClientPort(
      List<SocketAddress> addresses,
      int requestBytesMax,
      List<BindableService> services,
      KeepAlives keepAlives,
      EventLoops loops) {
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("a client port listens somewhere");
    }
    this.addresses = List.copyOf(addresses);
    TransportLogs.quieten();
    this.loops = loops;
    int messageBytesMax = requestBytesMax + MESSAGE_OVERHEAD_BYTES;
    ServerCredentials credentials =
        FrameNegotiator.credentials(
            connection -> KeepAliveFrames.install(keepAlives, messageBytesMax, connection));
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(addresses.get(0), credentials)
            .channelType(NativeLoops.serverChannel())
            .bossEventLoopGroup(loops.acceptor())
            .workerEventLoopGroup(loops.workers())
            .withOption(
                io.grpc.netty.shaded.io.netty.channel.ChannelOption.SO_BACKLOG, ACCEPT_BACKLOG)
            .withChildOption(io.grpc.netty.shaded.io.netty.channel.ChannelOption.TCP_NODELAY, true)
            .directExecutor()
            .maxInboundMessageSize(messageBytesMax)
            .maxInboundMetadataSize(HEADER_BYTES_MAX)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION_MAX)
            .maxRstFramesPerWindow(RESETS_PER_WINDOW_MAX, RESET_WINDOW_SECONDS)
            .permitKeepAliveTime(PING_INTERVAL_MIN_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    addresses.stream().skip(1).forEach(builder::addListenAddress);
    services.forEach(builder::addService);
    builder
        .addService(health.getHealthService())
        .addService(ProtoReflectionServiceV1.newInstance())
        .addService(io.grpc.protobuf.services.ProtoReflectionService.newInstance())
        // The last one added is asked first.
        .intercept(keepAlives.requireLeader())
        .intercept(new FailureBarrier());
    this.server = builder.build();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
  }

  /** Starts to listen. */
  public void start() throws IOException {
    server.start();
  }

  /** Returns the port of the first address. */
  public int port() {
    return server.getPort();
  }

  /** Returns the addresses that are listened on, with the ports that were found. */
  public List<InetSocketAddress> listening() {
    return server.getListenSockets().stream().map(InetSocketAddress.class::cast).toList();
  }

  /** Says whether this member serves, to those who ask the health service. */
  public void setServing(boolean isServing) {
    health.setStatus(
        HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
        isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  /** Says for good that this member does not serve any more. */
  public void stopServing() {
    health.enterTerminalState();
  }

  /** Returns the addresses that were asked for. */
  public List<SocketAddress> addresses() {
    return addresses;
  }

  /**
   * Takes no more calls, lets those under way end for {@code graceMillis}, and cuts the rest.
   *
   * @param answerRest run before the cut, while the connections still carry answers
   */
  public void close(long graceMillis, Runnable answerRest) {
    server.shutdown();
    try {
      boolean isOver = server.awaitTermination(graceMillis, TimeUnit.MILLISECONDS);
      answerRest.run();
      if (!isOver) {
        // Answers that were given just now take a moment to get out.
        isOver = server.awaitTermination(ANSWERS_MILLIS, TimeUnit.MILLISECONDS);
      }
      if (!isOver) {
        server.shutdownNow();
        server.awaitTermination(graceMillis, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    loops.close(Math.min(ANSWERS_MILLIS, graceMillis), graceMillis);
  }

  @Override
  public void close() {
    close(0, () -> {});
  }
}
