package io.leasehold.raft.jraft.rpc;

import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.leasehold.raft.NativeLoops;
import io.leasehold.raft.PeerAddress;
import java.util.concurrent.TimeUnit;

/** Opens channels to peer ports, all in the same way. */
public final class PeerChannel {
  private static final int CONNECT_TIMEOUT_MILLIS = 1000;
  private static final int MESSAGE_BYTES_MAX = 64 << 20;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  private PeerChannel() {}

  /** Opens a channel on loops that it shares with every other channel of this JVM. */
  public static ManagedChannel open(PeerAddress address, ClientInterceptor introduction) {
    return builder(address, introduction).build();
  }

  /** Opens a channel on the loops of a {@link NativeLoops#group}. */
  static ManagedChannel open(
      PeerAddress address, ClientInterceptor introduction, EventLoopGroup loops) {
    return builder(address, introduction)
        .eventLoopGroup(loops)
        .channelType(NativeLoops.clientChannel())
        .build();
  }

  private static NettyChannelBuilder builder(PeerAddress address, ClientInterceptor introduction) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .usePlaintext()
        .directExecutor()
        .intercept(introduction)
        .withOption(ChannelOption.TCP_NODELAY, true)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .maxInboundMessageSize(MESSAGE_BYTES_MAX);
  }

  /**
   * Makes a channel that could not connect try again now, instead of after gRPC's growing pauses.
   */
  public static void hurry(ManagedChannel channel) {
    if (channel.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
  }
}
