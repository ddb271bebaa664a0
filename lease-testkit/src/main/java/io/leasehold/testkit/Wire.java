package io.leasehold.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A relay from one port of loopback to another. State belongs to the thread of the {@link Wires};
 * the methods without "now" may be called from any other.
 */
final class Wire implements Wires.Ready {
  private static final int BACKLOG = 1024;

  /** What becomes of what somebody sends. */
  enum State {
    /** It arrives. */
    CARRIES,
    /**
     * It waits, in order and without an error, as it would for a process that stands still or a
     * network that lets nothing through. New connections wait, too.
     */
    HOLDS,
    /** Connections are closed and new ones refused, as where no process is. */
    CUT
  }

  private final Wires wires;
  private final Selector selector;
  private final int fromPort;
  private final Set<Connection> connections = new HashSet<>();
  private volatile int toPort;
  private State state = State.CUT;
  private @Nullable ServerSocketChannel listener;
  private @Nullable SelectionKey listenerKey;

  Wire(Wires wires, Selector selector, int fromPort, int toPort) {
    this.wires = wires;
    this.selector = selector;
    this.fromPort = fromPort;
    this.toPort = toPort;
  }

  /** Returns the port that this wire listens on unless it is cut. */
  int fromPort() {
    return fromPort;
  }

  /** Lets new connections lead to another port. */
  void leadTo(int port) {
    toPort = port;
  }

  /** Returns when the wire behaves so. */
  void become(State next) {
    wires.call(() -> becomeNow(next));
  }

  private void becomeNow(State next) throws IOException {
    state = next;
    if (next == State.CUT) {
      cutNow();
      return;
    }
    SelectionKey accepting = listenerKey == null ? listen() : listenerKey;
    accepting.interestOps(next == State.HOLDS ? 0 : SelectionKey.OP_ACCEPT);
    connections.forEach(Connection::interest);
  }

  private SelectionKey listen() throws IOException {
    ServerSocketChannel opened = ServerSocketChannel.open();
    try {
      opened.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), fromPort), BACKLOG);
      opened.configureBlocking(false);
      SelectionKey key = opened.register(selector, 0, this);
      listener = opened;
      listenerKey = key;
      return key;
    } catch (IOException e) {
      opened.close();
      throw new IOException("port " + fromPort + " of loopback: " + e.getMessage(), e);
    }
  }

  /** Closes whatever is open. */
  void cutNow() {
    List.copyOf(connections).forEach(Connection::failed);
    if (listener != null) {
      closeQuietly(listener);
      listener = null;
      listenerKey = null;
    }
    flushClosed();
  }

  /** A channel is closed for good only when its selector has looked again. */
  private void flushClosed() {
    try {
      selector.selectNow(key -> {});
    } catch (IOException e) {
      throw new IllegalStateException("the selector is broken", e);
    }
  }

  boolean carries() {
    return state == State.CARRIES;
  }

  void ended(Connection connection) {
    connections.remove(connection);
  }

  /** Somebody connects. */
  @Override
  public void ready() throws IOException {
    ServerSocketChannel accepting = listener;
    SocketChannel caller = accepting == null ? null : accepting.accept();
    if (caller == null) {
      return;
    }
    SocketChannel called = null;
    try {
      called = SocketChannel.open();
      Connection connection = new Connection(this, caller, called);
      connections.add(connection);
      connection.open(selector, new InetSocketAddress(InetAddress.getLoopbackAddress(), toPort));
    } catch (IOException e) {
      closeQuietly(caller);
      if (called != null) {
        closeQuietly(called);
      }
      connections.removeIf(connection -> connection.isOf(caller));
      throw e;
    }
  }

  @Override
  public void failed() {
    // One connection failed, or the process has no files left: the next may do better.
  }

  static void closeQuietly(java.nio.channels.Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is closed either way.
    }
  }
}
