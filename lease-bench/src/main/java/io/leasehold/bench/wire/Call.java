package io.leasehold.bench.wire;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One call on a connection. Confined to the connection's event loop. */
public final class Call {
  private final Connection connection;
  private final int streamId;
  private final CallListener listener;
  private final MessageReader answers;

  /** What the peer takes of this stream at the moment. */
  private long window;

  private int received;
  private @Nullable ArrayDeque<byte[]> held;
  private boolean isEndHeld;

  Call(Connection connection, int streamId, int window, CallListener listener) {
    this.connection = connection;
    this.streamId = streamId;
    this.window = window;
    this.listener = listener;
    this.answers =
        new MessageReader(
            (in, begin, length) -> listener.message(in, begin, length, connection.nowNanos()));
  }

  int streamId() {
    return streamId;
  }

  /**
   * Sends a message, or holds it until the peer takes all of it. {@link Connection#flush} follows.
   *
   * @param message no longer than fits into the window that every peer opens at first
   */
  public void send(byte[] message) {
    send(message, false);
  }

  void send(byte[] message, boolean isLast) {
    int length = MessageReader.PREFIX_BYTES + message.length;
    if (length > Http2Handler.DEFAULT_WINDOW) {
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
    write(message, isLast);
  }

  /** In as few frames as can be. */
  private void write(byte[] message, boolean isLast) {
    int length = MessageReader.PREFIX_BYTES + message.length;
    int now = Math.min(length, Http2Handler.FRAME_BYTES_MAX);
    int sent = now - MessageReader.PREFIX_BYTES;
    frame(now, isLast && now == length)
        .writeByte(0)
        .writeInt(message.length)
        .writeBytes(message, 0, sent);
    while (sent < message.length) {
      now = Math.min(message.length - sent, Http2Handler.FRAME_BYTES_MAX);
      frame(now, isLast && sent + now == message.length).writeBytes(message, sent, now);
      sent += now;
    }
  }

  private ByteBuf frame(int length, boolean isLast) {
    int flags = isLast ? Http2Handler.END_STREAM : 0;
    return connection.frame(length, Http2Handler.DATA, flags, streamId);
  }

  /** Says that nothing more will be sent. */
  public void end() {
    if (held == null) {
      ByteBuf unused = frame(0, true);
    } else {
      isEndHeld = true;
    }
  }

  /** Ends the call at once; its listener is not told. */
  public void cancel() {
    connection.cancel(this);
    answers.release();
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
    answers.data(in, begin, length);
  }

  void closed(Status.Code code, String message, long nowNanos) {
    answers.release();
    listener.closed(code, message, nowNanos);
  }
}
