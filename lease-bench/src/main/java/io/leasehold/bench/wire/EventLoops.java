package io.leasehold.bench.wire;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.ServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The threads of the generator, on the kernel's own epoll where there is one. For any thread. */
public final class EventLoops implements AutoCloseable {
  private static final int CONNECT_MILLIS_MAX = 2_000;
  private static final int CLOSE_SECONDS_MAX = 5;

  private final MultiThreadIoEventLoopGroup group;
  private final List<EventLoop> loops = new ArrayList<>();

  public EventLoops(int count) {
    group =
        new MultiThreadIoEventLoopGroup(
            count, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    for (int i = 0; i < count; i++) {
      loops.add(group.next());
    }
  }

  public List<EventLoop> all() {
    return loops;
  }

  MultiThreadIoEventLoopGroup group() {
    return group;
  }

  static Class<? extends SocketChannel> socketType() {
    return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  static Class<? extends ServerSocketChannel> serverSocketType() {
    return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** Opens a connection whose calls are made on a loop; the future completes there. */
  public static CompletableFuture<Connection> connect(EventLoop loop, InetSocketAddress to) {
    CompletableFuture<Connection> result = new CompletableFuture<>();
    Connection connection = new Connection();
    ChannelFuture unused =
        new Bootstrap()
            .group(loop)
            .channel(socketType())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS_MAX)
            .handler(connection)
            .connect(to)
            .addListener(
                done -> {
                  if (done.isSuccess()) {
                    result.complete(connection);
                  } else {
                    result.completeExceptionally(done.cause());
                  }
                });
    return result;
  }

  @Override
  public void close() {
    boolean unused =
        group
            .shutdownGracefully(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
            .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
