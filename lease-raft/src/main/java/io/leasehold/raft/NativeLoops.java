package io.leasehold.raft;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;

/** Event loops in the form that the system is best at, epoll where it has that. Any thread. */
public final class NativeLoops {
  private static final boolean IS_EPOLL = Epoll.isAvailable();

  private NativeLoops() {}

  /**
   * Returns a new group of event loops, which its caller shuts down.
   *
   * @param name what its threads, which are daemons, are called
   * @param threads how many; 0 for two a processor
   */
  @SuppressWarnings("deprecation") // gRPC's shaded Netty is of 4.1 and 4.2 habits at once
  public static EventLoopGroup group(String name, int threads) {
    DefaultThreadFactory threadFactory = new DefaultThreadFactory(name, true);
    return IS_EPOLL
        ? new EpollEventLoopGroup(threads, threadFactory)
        : new NioEventLoopGroup(threads, threadFactory);
  }

  /** Returns what listens on such loops. */
  public static Class<? extends ServerChannel> serverChannel() {
    return IS_EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** Returns what connects on such loops. */
  public static Class<? extends Channel> clientChannel() {
    return IS_EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
  }
}
