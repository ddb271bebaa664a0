package io.leasehold.bench.wire;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A place from which to reach one address, over a connection that is opened anew when it broke.
 * Confined to its event loop, but for {@link #open} and {@link #close}.
 */
public final class Link implements AutoCloseable {
  private static final long RETRY_MILLIS = 20;

  private final EventLoop loop;
  private final InetSocketAddress address;
  private final List<Runnable> onReconnected = new ArrayList<>();
  private @Nullable Connection connection;
  private boolean isConnecting;
  private boolean isClosed;

  private Link(EventLoop loop, InetSocketAddress address) {
    this.loop = loop;
    this.address = address;
  }

  /** Opens one; the future completes when it is connected, and fails when it cannot be. */
  public static CompletableFuture<Link> open(EventLoop loop, InetSocketAddress address) {
    Link link = new Link(loop, address);
    return EventLoops.connect(loop, address)
        .thenApply(
            connection -> {
              link.connection = connection;
              return link;
            });
  }

  public EventLoop eventLoop() {
    return loop;
  }

  public InetSocketAddress address() {
    return address;
  }

  /**
   * Returns a connection on which calls can be made; null while there is none, and tries to get
   * one.
   */
  public @Nullable Connection connection() {
    Connection current = connection;
    if (current != null && current.isOpen()) {
      return current;
    }
    if (!isConnecting && !isClosed) {
      isConnecting = true;
      connect();
    }
    return null;
  }

  private void connect() {
    CompletableFuture<Connection> unusedAttempt =
        EventLoops.connect(loop, address)
            .whenComplete(
                (connected, failure) -> {
                  if (isClosed) {
                    isConnecting = false;
                    if (connected != null) {
                      connected.close();
                    }
                  } else if (connected == null) {
                    var unused = loop.schedule(this::connect, RETRY_MILLIS, TimeUnit.MILLISECONDS);
                  } else {
                    isConnecting = false;
                    connection = connected;
                    onReconnected.forEach(Runnable::run);
                  }
                });
  }

  /**
   * Runs something on the event loop whenever there is a new connection in place of a broken one.
   */
  public void onReconnected(Runnable told) {
    onReconnected.add(told);
  }

  /** From any thread. */
  @Override
  public void close() {
    loop.execute(
        () -> {
          isClosed = true;
          if (connection != null) {
            connection.close();
          }
        });
  }
}
