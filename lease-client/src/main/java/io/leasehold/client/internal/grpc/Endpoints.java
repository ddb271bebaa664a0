package io.leasehold.client.internal.grpc;

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
import io.leasehold.client.internal.time.RandomSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The members a client knows, and which of them it talks to. All requests go to one member until it
 * does not do; then everybody moves on to the next. Any thread.
 */
public final class Endpoints implements AutoCloseable {
  private static final long SHUT_DOWN_MILLIS = 500;

  /** Shorter intervals are refused by etcd. */
  private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

  private static final Duration PING_ANSWER_MAX = Duration.ofSeconds(3);

  private final EventLoopGroup eventLoop;
  private final List<Endpoint> all = new ArrayList<>();
  private final AtomicInteger current;
  private volatile Consumer<Endpoint> hearer = left -> {};

  public Endpoints(
      List<String> addresses,
      @Nullable SSLContext tls,
      Duration connectTimeout,
      String threadName,
      RandomSource random) {
    // The name is Netty's in this jar and nobody else's, so no other Netty is told anything.
    System.setProperty("io.grpc.netty.shaded.io.netty.transport.noNative", "true");
    eventLoop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory(threadName, true), NioIoHandler.newFactory());
    for (String address : addresses) {
      NettyChannelBuilder builder =
          NettyChannelBuilder.forTarget("dns:///" + address)
              .channelType(NioSocketChannel.class)
              .eventLoopGroup(eventLoop)
              .withOption(
                  ChannelOption.CONNECT_TIMEOUT_MILLIS,
                  (int) Math.min(Integer.MAX_VALUE, connectTimeout.toMillis()))
              // Callbacks only pass on what they are told.
              .directExecutor()
              .keepAliveTime(PING_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
              .keepAliveTimeout(PING_ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
              .maxInboundMessageSize(Integer.MAX_VALUE)
              // This client decides what is repeated.
              .disableRetry();
      if (tls == null) {
        builder.usePlaintext();
      } else {
        builder.sslContext(new NettyTls(tls).context());
      }
      all.add(new Endpoint(address, builder.build()));
    }
    // Clients that are given the same list spread over it.
    current = new AtomicInteger((int) (random.nextShare() * all.size()));
  }

  /** The JDK's TLS for HTTP/2. */
  private record NettyTls(SSLContext tls) {
    JdkSslContext context() {
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
  }

  /** Names who hears of members that were left, on any thread; it must not block. */
  void whenLeft(Consumer<Endpoint> listener) {
    hearer = listener;
  }

  /** Returns all members the client was told of, in that order. */
  List<Endpoint> all() {
    return List.copyOf(all);
  }

  int size() {
    return all.size();
  }

  /** Returns the member to talk to. */
  Endpoint current() {
    Endpoint endpoint = all.get(Math.floorMod(current.get(), all.size()));
    // gRPC would wait longer and longer before it connects again; here the caller waits.
    endpoint.channel().resetConnectBackoff();
    return endpoint;
  }

  /** Moves on from a member that did not do, unless somebody did so already. */
  void leave(Endpoint endpoint) {
    int index = current.get();
    if (all.size() > 1
        && all.get(Math.floorMod(index, all.size())).equals(endpoint)
        && current.compareAndSet(index, index + 1)) {
      hearer.accept(endpoint);
    }
  }

  @Override
  public void close() {
    all.forEach(endpoint -> endpoint.channel().shutdownNow());
    try {
      for (Endpoint endpoint : all) {
        // What ends later would find its thread gone.
        boolean unused =
            endpoint.channel().awaitTermination(SHUT_DOWN_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var unused = eventLoop.shutdownGracefully(0, SHUT_DOWN_MILLIS, TimeUnit.MILLISECONDS);
  }
}
