package io.leasehold.bench.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One end of an HTTP/2 connection: reads frames, answers those of the connection itself, and
 * gathers what is to be written until all that was read is done with, so that many small frames
 * share one system call. The peer may send as much as it likes: its window is opened wide at once
 * and again before it runs out.
 *
 * <p>Header blocks must come in one frame, as those of gRPC servers do. Confined to the event loop.
 */
abstract class Http2Handler extends ChannelInboundHandlerAdapter {
  static final byte DATA = 0;
  static final byte HEADERS = 1;
  static final byte RST_STREAM = 3;
  static final byte SETTINGS = 4;
  static final byte PING = 6;
  static final byte GOAWAY = 7;
  static final byte WINDOW_UPDATE = 8;
  static final byte CONTINUATION = 9;

  static final int END_STREAM = 0x1;
  static final int ACK = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int PRIORITY = 0x20;

  static final int HEADER_TABLE_SIZE = 1;
  static final int INITIAL_WINDOW_SIZE = 4;

  static final int FRAME_HEADER_BYTES = 9;

  /** What every peer takes in one frame. */
  static final int FRAME_BYTES_MAX = 1 << 14;

  static final int DEFAULT_WINDOW = 65_535;
  static final int WINDOW_MAX = Integer.MAX_VALUE;

  /** So much is received before the window is opened again by as much. */
  static final int WINDOW_STEP = 1 << 29;

  private static final int PREFACE_BYTES = 24;
  private static final int OUT_BYTES = 1 << 14;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf unread;
  private @Nullable ByteBuf out;
  private boolean isReading;
  private boolean isFlushPlanned;
  private int received;
  private int prefaceLeft;
  private long nowNanos;

  /**
   * @param expectsPreface whether the peer speaks first, as clients do
   */
  Http2Handler(boolean expectsPreface) {
    this.prefaceLeft = expectsPreface ? PREFACE_BYTES : 0;
  }

  /** The clock as it was when the bytes that are being handled were read. */
  final long nowNanos() {
    return nowNanos;
  }

  final ChannelHandlerContext context() {
    ChannelHandlerContext current = context;
    if (current == null) {
      throw new IllegalStateException("not connected");
    }
    return current;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    sendPreface(out());
    // Header blocks without a table that changes can be told apart by their bytes.
    ByteBuf buffer = frame(12, SETTINGS, 0, 0);
    buffer.writeShort(HEADER_TABLE_SIZE).writeInt(0);
    buffer.writeShort(INITIAL_WINDOW_SIZE).writeInt(WINDOW_MAX);
    writeWindowUpdate(0, WINDOW_MAX - DEFAULT_WINDOW);
    flushNow();
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf read = (ByteBuf) message;
    nowNanos = System.nanoTime();
    isReading = true;
    ByteBuf whole = read;
    if (unread != null) {
      whole = unread.writeBytes(read);
      read.release();
      unread = null;
    }
    try {
      while (hasFrame(whole)) {
        readFrame(whole);
      }
      if (whole.isReadable()) {
        unread = ctx.alloc().buffer(whole.readableBytes() + OUT_BYTES).writeBytes(whole);
      }
    } finally {
      whole.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    isReading = false;
    flushNow();
  }

  private boolean hasFrame(ByteBuf in) {
    if (prefaceLeft > 0) {
      int skipped = Math.min(prefaceLeft, in.readableBytes());
      in.skipBytes(skipped);
      prefaceLeft -= skipped;
    }
    return in.readableBytes() >= FRAME_HEADER_BYTES
        && in.readableBytes() >= FRAME_HEADER_BYTES + in.getUnsignedMedium(in.readerIndex());
  }

  private void readFrame(ByteBuf in) {
    int length = in.readUnsignedMedium();
    byte type = in.readByte();
    int flags = in.readUnsignedByte();
    int streamId = in.readInt() & 0x7fff_ffff;
    int begin = in.readerIndex();
    in.readerIndex(begin + length);
    boolean isLast = (flags & END_STREAM) != 0;
    switch (type) {
      case DATA -> {
        int padding = (flags & PADDED) == 0 ? 0 : in.getUnsignedByte(begin) + 1;
        int skipped = padding == 0 ? 0 : 1;
        received(length);
        data(streamId, in, begin + skipped, length - padding, length, isLast);
      }
      case HEADERS -> {
        if ((flags & END_HEADERS) == 0) {
          throw new IllegalStateException("a header block in several frames");
        }
        int padding = (flags & PADDED) == 0 ? 0 : in.getUnsignedByte(begin) + 1;
        int skipped = (padding == 0 ? 0 : 1) + ((flags & PRIORITY) == 0 ? 0 : 5);
        int trailing = padding == 0 ? 0 : padding - 1;
        headers(streamId, in, begin + skipped, length - skipped - trailing, isLast);
      }
      case RST_STREAM -> reset(streamId, in.getInt(begin));
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          for (int at = begin; at < begin + length; at += 6) {
            setting(in.getUnsignedShort(at), in.getInt(at + 2));
          }
          frame(0, SETTINGS, ACK, 0);
        }
      }
      case PING -> {
        if ((flags & ACK) == 0) {
          frame(8, PING, ACK, 0).writeBytes(in, begin, 8);
        }
      }
      case GOAWAY -> goAway();
      case WINDOW_UPDATE -> windowUpdate(streamId, in.getInt(begin) & 0x7fff_ffff);
      case CONTINUATION -> throw new IllegalStateException("a header block in several frames");
      default -> {
        // Unknown types are to be ignored.
      }
    }
  }

  private void received(int bytes) {
    received += bytes;
    if (received >= WINDOW_STEP) {
      writeWindowUpdate(0, received);
      received = 0;
    }
  }

  final void writeWindowUpdate(int streamId, int bytes) {
    frame(4, WINDOW_UPDATE, 0, streamId).writeInt(bytes);
  }

  /** Begins a frame and returns the buffer that takes its payload. */
  final ByteBuf frame(int length, byte type, int flags, int streamId) {
    ByteBuf buffer = out();
    buffer.ensureWritable(FRAME_HEADER_BYTES + length);
    return buffer.writeMedium(length).writeByte(type).writeByte(flags).writeInt(streamId);
  }

  private ByteBuf out() {
    ByteBuf buffer = out;
    if (buffer == null) {
      buffer = context().alloc().buffer(OUT_BYTES);
      out = buffer;
    }
    return buffer;
  }

  /**
   * Has what was written sent: when all that is being read has been handled, or else when the event
   * loop has run what is waiting, so that what is written meanwhile goes along.
   */
  public final void flush() {
    if (!isReading && !isFlushPlanned) {
      isFlushPlanned = true;
      context().executor().execute(this::flushNow);
    }
  }

  private void flushNow() {
    isFlushPlanned = false;
    ByteBuf buffer = out;
    if (buffer != null) {
      out = null;
      ChannelFuture unused = context().writeAndFlush(buffer, context().voidPromise());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    isReading = false;
    nowNanos = System.nanoTime();
    release();
    disconnected();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    release();
  }

  private void release() {
    if (unread != null) {
      unread.release();
      unread = null;
    }
    if (out != null) {
      out.release();
      out = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A peer that was killed resets its connections; whatever else it is, the calls end with it.
    if (!(cause instanceof IOException)) {
      cause.printStackTrace(System.err);
    }
    ChannelFuture unused = ctx.close();
  }

  abstract void sendPreface(ByteBuf to);

  /**
   * Takes data of a stream.
   *
   * @param windowBytes what it counts against the stream's window, padding included
   */
  abstract void data(
      int streamId, ByteBuf in, int begin, int length, int windowBytes, boolean isLast);

  abstract void headers(int streamId, ByteBuf in, int begin, int length, boolean isLast);

  abstract void reset(int streamId, int errorCode);

  abstract void setting(int id, int value);

  abstract void windowUpdate(int streamId, int bytes);

  abstract void goAway();

  abstract void disconnected();
}
