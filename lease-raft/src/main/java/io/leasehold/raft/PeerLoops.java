package io.leasehold.raft;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The event loops between members. Entries and the answers to them are handled on these, under
 * JRaft's locks. So a member's own calls that are not entries go through the loops that all of the
 * JVM shares: JRaft waits for some of them with such a lock held. It does so, too, for the link
 * that carries entries to be accepted, though never for longer than its connect timeout. Any
 * thread.
 */
final class PeerLoops implements AutoCloseable {
  /** A member has a handful of connections from each of the few others. */
  private static final int SERVER_THREADS_MAX = 8;

  private final EventLoopGroup acceptor = NativeLoops.group("peer-accept", 1);
  private final EventLoopGroup server =
      NativeLoops.group(
          "peer-io", Math.min(SERVER_THREADS_MAX, 2 * Runtime.getRuntime().availableProcessors()));
  private final EventLoopGroup links = NativeLoops.group("raft-link", 1);

  /** Returns the loop that accepts connections to the peer port. */
  EventLoopGroup acceptor() {
    return acceptor;
  }

  /** Returns the loops that serve the peer port. */
  EventLoopGroup server() {
    return server;
  }

  /** Returns the loop of the links that carry this member's entries to the others. */
  EventLoopGroup links() {
    return links;
  }

  /** Stops the loops, after whatever used them was closed. Does not wait for it. */
  @Override
  public void close() {
    for (EventLoopGroup group : List.of(acceptor, server, links)) {
      var unused = group.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    }
  }
}
