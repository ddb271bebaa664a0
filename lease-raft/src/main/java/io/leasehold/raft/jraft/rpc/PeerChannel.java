package io.leasehold.raft.jraft.rpc;

import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.leasehold.raft.PeerAddress;
import java.util.concurrent.TimeUnit;

/** Opens channels to peer ports, all in the same way. */
public final class PeerChannel {
  private static final int CONNECT_TIMEOUT_MILLIS = 1000;
  private static final int MESSAGE_BYTES_MAX = 64 << 20;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  private PeerChannel() {}

  public static ManagedChannel open(PeerAddress address, ClientInterceptor introduction) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .usePlaintext()
        .directExecutor()
        .intercept(introduction)
        .withOption(ChannelOption.TCP_NODELAY, true)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
        .build();
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
