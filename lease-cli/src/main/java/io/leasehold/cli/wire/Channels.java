package io.leasehold.cli.wire;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** A connection for each member that was asked, made when it is first needed. Any thread. */
final class Channels implements AutoCloseable {
  private static final long SHUT_DOWN_MILLIS = 200;

  /** Shorter intervals are refused by etcd. */
  private static final long PING_SECONDS = 10;

  private static final long PING_ANSWER_SECONDS = 6;

  private final WireSettings settings;
  private final Map<String, ManagedChannel> open = new ConcurrentHashMap<>();

  /** One thread is enough for one command. */
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("leasectl-network", true), NioIoHandler.newFactory());

  Channels(WireSettings settings) {
    this.settings = settings;
  }

  ManagedChannel to(String endpoint) {
    ManagedChannel channel = open.computeIfAbsent(endpoint, this::connect);
    // gRPC would wait longer and longer before it connects again; here the caller waits.
    channel.resetConnectBackoff();
    return channel;
  }

  private ManagedChannel connect(String endpoint) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + Endpoints.address(endpoint))
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(eventLoop)
            .withOption(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Integer.MAX_VALUE, settings.dialTimeout().toMillis()))
            .directExecutor()
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PING_ANSWER_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(Integer.MAX_VALUE)
            // What is repeated is decided by the caller.
            .disableRetry();
    SSLContext tls = settings.tls();
    if (tls == null) {
      builder.usePlaintext();
    } else {
      builder.sslContext(http2(tls));
    }
    return builder.build();
  }

  /** The JDK's TLS for HTTP/2. */
  private static JdkSslContext http2(SSLContext tls) {
    return new JdkSslContext(
        tls,
        true,
        null,
        IdentityCipherSuiteFilter.INSTANCE,
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            "h2"),
        ClientAuth.NONE,
        null,
        false);
  }

  @Override
  public void close() {
    open.values().forEach(ManagedChannel::shutdownNow);
    // All its threads are daemons: nobody waits.
    var unused = eventLoop.shutdownGracefully(0, SHUT_DOWN_MILLIS, TimeUnit.MILLISECONDS);
  }
}
