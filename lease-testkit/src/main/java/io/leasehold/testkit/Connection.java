package io.leasehold.testkit;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** One connection through a wire. Confined to the thread of the {@link Wires}. */
final class Connection implements Wires.Ready {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Wire wire;
  private final SocketChannel caller;
  private final SocketChannel called;
  private final Direction there;
  private final Direction back;
  private @Nullable SelectionKey callerKey;
  private @Nullable SelectionKey calledKey;

  Connection(Wire wire, SocketChannel caller, SocketChannel called) {
    this.wire = wire;
    this.caller = caller;
    this.called = called;
    this.there = new Direction(caller, called);
    this.back = new Direction(called, caller);
  }

  void open(Selector selector, SocketAddress to) throws IOException {
    caller.configureBlocking(false);
    caller.setOption(StandardSocketOptions.TCP_NODELAY, true);
    called.configureBlocking(false);
    called.setOption(StandardSocketOptions.TCP_NODELAY, true);
    called.connect(to);
    callerKey = caller.register(selector, 0, this);
    calledKey = called.register(selector, 0, this);
    interest();
  }

  boolean isOf(SocketChannel channel) {
    return caller.equals(channel);
  }

  /** Looks to what can be done now, which has changed. */
  void interest() {
    if (callerKey == null || calledKey == null || !callerKey.isValid() || !calledKey.isValid()) {
      return;
    }
    if (!called.isConnected()) {
      // A system answers for processes that stand still.
      callerKey.interestOps(0);
      calledKey.interestOps(SelectionKey.OP_CONNECT);
      return;
    }
    boolean carries = wire.carries();
    callerKey.interestOps(carries ? there.reading() | back.writing() : 0);
    calledKey.interestOps(carries ? back.reading() | there.writing() : 0);
  }

  @Override
  public void ready() throws IOException {
    if (called.isConnectionPending() && !called.finishConnect()) {
      return;
    }
    if (wire.carries()) {
      there.move();
      back.move();
      if (there.isOver() && back.isOver()) {
        failed();
        return;
      }
    }
    interest();
  }

  /** Closes both ends. */
  @Override
  public void failed() {
    Wire.closeQuietly(caller);
    Wire.closeQuietly(called);
    wire.ended(this);
  }

  /** What goes one way. */
  private static final class Direction {
    private final SocketChannel from;
    private final SocketChannel to;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private boolean isEnded;
    private boolean isOver;

    Direction(SocketChannel from, SocketChannel to) {
      this.from = from;
      this.to = to;
    }

    int reading() {
      return !isEnded && buffer.hasRemaining() ? SelectionKey.OP_READ : 0;
    }

    int writing() {
      return buffer.position() > 0 ? SelectionKey.OP_WRITE : 0;
    }

    boolean isOver() {
      return isOver;
    }

    void move() throws IOException {
      if (!isEnded && buffer.hasRemaining() && from.read(buffer) < 0) {
        isEnded = true;
      }
      buffer.flip();
      if (buffer.hasRemaining()) {
        int unused = to.write(buffer);
      }
      buffer.compact();
      if (isEnded && !isOver && buffer.position() == 0) {
        to.shutdownOutput();
        isOver = true;
      }
    }
  }
}
