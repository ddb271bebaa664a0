package io.leasehold.bench.wire;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One call on a connection. Confined to the connection's event loop. */
public final class Call {
  private static final int PREFIX_BYTES = 5;

  private final Connection connection;
  private final int streamId;
  private final CallListener listener;

  /** What the peer takes of this stream at the moment. */
  private long window;

  private int received;
  private @Nullable ArrayDeque<byte[]> held;
  private boolean isEndHeld;

  /** The beginning of a message whose rest is still to come. */
  private @Nullable ByteBuf partial;

  Call(Connection connection, int streamId, int window, CallListener listener) {
    this.connection = connection;
    this.streamId = streamId;
    this.window = window;
    this.listener = listener;
  }

  int streamId() {
    return streamId;
  }

  /**
   * Sends a message of one frame at most, or holds it until the peer takes more. {@link
   * Connection#flush} follows.
   */
  public void send(byte[] message) {
    send(message, false);
  }

  void send(byte[] message, boolean isLast) {
    int length = PREFIX_BYTES + message.length;
    if (length > Http2Handler.FRAME_BYTES_MAX) {
      throw new IllegalArgumentException("a message of " + message.length + " bytes: too long");
    }
    if (held != null || length > window || length > connection.window()) {
      if (held == null) {
        held = new ArrayDeque<>();
        connection.hold(this);
      }
      held.add(message);
      isEndHeld |= isLast;
      return;
    }
    window -= length;
    connection.spend(length);
    connection
        .frame(length, Http2Handler.DATA, isLast ? Http2Handler.END_STREAM : 0, streamId)
        .writeByte(0)
        .writeInt(message.length)
        .writeBytes(message);
  }

  /** Says that nothing more will be sent. */
  public void end() {
    if (held == null) {
      connection.frame(0, Http2Handler.DATA, Http2Handler.END_STREAM, streamId);
    } else {
      isEndHeld = true;
    }
  }

  /** Ends the call at once; its listener is not told. */
  public void cancel() {
    connection.cancel(this);
    release();
  }

  void widen(int bytes) {
    window += bytes;
  }

  /** Sends what was held, as far as the peer takes it; the rest is held again. */
  void sendHeld(ArrayDeque<byte[]> messages) {
    boolean endsHere = isEndHeld;
    held = null;
    isEndHeld = false;
    for (byte[] message = messages.poll(); message != null; message = messages.poll()) {
      send(message, endsHere && messages.isEmpty());
      if (held != null) {
        held.addAll(messages);
        isEndHeld = endsHere;
        return;
      }
    }
  }

  @Nullable ArrayDeque<byte[]> held() {
    return held;
  }

  void data(ByteBuf in, int begin, int length, int windowBytes) {
    received += windowBytes;
    if (received >= Http2Handler.WINDOW_STEP) {
      connection.writeWindowUpdate(streamId, received);
      received = 0;
    }
    ByteBuf gathered = partial;
    if (gathered == null) {
      int rest = begin + messages(in, begin, length);
      int left = begin + length - rest;
      if (left > 0) {
        partial = in.alloc().buffer(Math.max(left, messageLength(in, rest, left)));
        partial.writeBytes(in, rest, left);
      }
      return;
    }
    gathered.writeBytes(in, begin, length);
    int used = messages(gathered, gathered.readerIndex(), gathered.readableBytes());
    gathered.skipBytes(used);
    if (!gathered.isReadable()) {
      release();
    } else if (used > 0) {
      gathered.discardReadBytes();
    }
  }

  /** Hands over all whole messages and returns how many bytes they took. */
  private int messages(ByteBuf in, int begin, int length) {
    int at = begin;
    int end = begin + length;
    while (end - at >= PREFIX_BYTES) {
      int messageLength = in.getInt(at + 1);
      if (end - at - PREFIX_BYTES < messageLength) {
        break;
      }
      at += PREFIX_BYTES;
      listener.message(in, at, messageLength, connection.nowNanos());
      at += messageLength;
    }
    return at - begin;
  }

  private static int messageLength(ByteBuf in, int begin, int length) {
    return length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + in.getInt(begin + 1);
  }

  void closed(Status.Code code, String message, long nowNanos) {
    release();
    listener.closed(code, message, nowNanos);
  }

  private void release() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }
}
