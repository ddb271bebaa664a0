package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the streams of renewals of one connection from the HTTP/2 frames themselves, beneath
 * grpc-java, which spends several times as much on a renewal as the renewal takes. HTTP/2 itself,
 * with its flow control and its limits, stays with the connection's handler, and so do all other
 * calls: they are passed on. A renewal stream that asks for anything out of the ordinary is passed
 * on, too, and served by {@link GrpcKeepAlive}.
 *
 * <p>Renewals are done when everything has been taken in that had arrived, all together. Confined
 * to the event loop, but for {@link #later}.
 */
final class KeepAliveFrames extends Http2FrameListenerDecorator {
  private static final Logger LOG = LoggerFactory.getLogger(KeepAliveFrames.class);

  /** Enough for the answers to a handful of renewals. */
  private static final int BUFFER_BYTES = 256;

  private final KeepAlives shared;
  private final int requestBytesMax;
  private final GrpcHttp2ConnectionHandler handler;
  private final Http2Connection connection;
  private final Http2Connection.PropertyKey key;

  /** The handler's place in the pipeline, known when the first stream opens. */
  private @Nullable ChannelHandlerContext context;

  /** Streams that have something to do when all is read. */
  private final List<FramedKeepAlive> touched = new ArrayList<>();

  /** What other threads have for streams. */
  private final Queue<Late> late = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean isLatePlanned = new AtomicBoolean();

  private long[] ttls = new long[64];
  private final KeepAliveMessages messages = new KeepAliveMessages();

  private KeepAliveFrames(
      KeepAlives shared,
      int requestBytesMax,
      GrpcHttp2ConnectionHandler handler,
      Http2FrameListener grpc) {
    super(grpc);
    this.shared = shared;
    this.requestBytesMax = requestBytesMax;
    this.handler = handler;
    this.connection = handler.connection();
    this.key = connection.newKey();
  }

  /**
   * Has the renewals of a new connection served here. To be called before it reads anything.
   *
   * @param requestBytesMax the largest message a client may send
   */
  static void install(KeepAlives shared, int requestBytesMax, GrpcHttp2ConnectionHandler handler) {
    KeepAliveFrames frames =
        new KeepAliveFrames(shared, requestBytesMax, handler, handler.decoder().frameListener());
    handler.decoder().frameListener(frames);
    frames.connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamClosed(Http2Stream stream) {
            FramedKeepAlive closed = stream.getProperty(frames.key);
            if (closed != null) {
              closed.closed();
            }
          }
        });
  }

  /* ------------------------------------------------------------ what clients send */

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    if (!isTakenHere(ctx, streamId, headers, endOfStream)) {
      super.onHeadersRead(ctx, streamId, headers, padding, endOfStream);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    if (!isTakenHere(ctx, streamId, headers, endOfStream)) {
      super.onHeadersRead(
          ctx, streamId, headers, streamDependency, weight, exclusive, padding, endOfStream);
    }
  }

  private boolean isTakenHere(
      ChannelHandlerContext ctx, int streamId, Http2Headers headers, boolean endOfStream) {
    FramedKeepAlive stream = find(streamId);
    if (stream != null) {
      // Headers after the first end the client's side; HTTP/2 lets no others through.
      received(stream, Unpooled.EMPTY_BUFFER, true);
      return true;
    }
    if (endOfStream || !isServedHere(headers)) {
      return false;
    }
    open(ctx, streamId, headers);
    return true;
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
      throws Http2Exception {
    FramedKeepAlive stream = find(streamId);
    if (stream == null) {
      return super.onDataRead(ctx, streamId, data, padding, endOfStream);
    }
    received(stream, data, endOfStream);
    // The rest is given back when the answers are out.
    return padding;
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode)
      throws Http2Exception {
    FramedKeepAlive stream = find(streamId);
    // Clients end by a reset what this member has ended; that is not one of those that are counted.
    if (stream == null || !stream.isEnded()) {
      super.onRstStreamRead(ctx, streamId, errorCode);
    }
  }

  private void received(FramedKeepAlive stream, ByteBuf data, boolean isLast) {
    guarded(stream, () -> stream.received(data, isLast));
    touched.add(stream);
  }

  private @Nullable FramedKeepAlive find(int streamId) {
    Http2Stream stream = connection.stream(streamId);
    return stream == null ? null : stream.getProperty(key);
  }

  private boolean isServedHere(Http2Headers headers) {
    return KeepAliveHeaders.isOrdinary(headers)
        && !(KeepAliveHeaders.requiresLeader(headers) && shared.requireLeader().refuses());
  }

  private void open(ChannelHandlerContext ctx, int streamId, Http2Headers headers) {
    if (context == null) {
      context = ctx;
      // Hears of the end of what has arrived just before the connection's handler does, which then
      // puts out what was written.
      ctx.pipeline().addBefore(ctx.name(), null, new ReadEnd());
    }
    Http2Stream stream = connection.stream(streamId);
    FramedKeepAlive opened = new FramedKeepAlive(shared, this, stream, requestBytesMax);
    stream.setProperty(key, opened);
    opened.opened(KeepAliveHeaders.requiresLeader(headers));
  }

  /* ------------------------------------------------------------ answers */

  /** Everything that had arrived has been taken in. */
  private void readEnded() {
    for (int i = 0; i < touched.size(); i++) {
      FramedKeepAlive stream = touched.get(i);
      guarded(stream, stream::answerAsked);
    }
    drainLate();
    sendTouched();
  }

  /**
   * Has something done for a stream on the event loop, in the order of the calls. Any thread. It
   * may never be done, if the connection is over.
   */
  void later(FramedKeepAlive stream, Runnable action) {
    late.add(new Late(stream, action));
    if (isLatePlanned.compareAndSet(false, true)) {
      try {
        context().executor().execute(this::lateEnded);
      } catch (RejectedExecutionException e) {
        LOG.debug("the port was closed before an answer could be given");
      }
    }
  }

  private void lateEnded() {
    drainLate();
    sendTouched();
    context().pipeline().channel().flush();
  }

  private void drainLate() {
    isLatePlanned.set(false);
    for (Late next = late.poll(); next != null; next = late.poll()) {
      guarded(next.stream(), next.action());
      touched.add(next.stream());
    }
  }

  private void sendTouched() {
    // A stream that was touched more than once has nothing left to send the second time.
    for (int i = 0; i < touched.size(); i++) {
      FramedKeepAlive stream = touched.get(i);
      guarded(stream, stream::send);
    }
    touched.clear();
  }

  /** Where an exception that nobody expected ends, as in {@link FailureBarrier}. */
  private static void guarded(FramedKeepAlive stream, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("a stream of renewals failed unexpectedly", e);
      stream.finish(FailureBarrier.INTERNAL);
    }
  }

  /* ------------------------------------------------------------ what streams need */

  KeepAliveMessages messages() {
    return messages;
  }

  /** Returns room for so many answers of the router, good until the next call. */
  long[] ttls(int count) {
    if (ttls.length < count) {
      ttls = new long[Math.max(count, ttls.length * 2)];
    }
    return ttls;
  }

  ByteBuf newBuffer() {
    return context().alloc().buffer(BUFFER_BYTES);
  }

  /* What becomes of a write is told to its listener, and to the stream when it closes. */

  void writeAnswers(FramedKeepAlive stream, ByteBuf answers, boolean isFirst, int count) {
    if (isFirst) {
      writeHeaders(stream, KeepAliveHeaders.RESPONSE, false, context().newPromise());
    }
    ChannelPromise out = context().newPromise();
    var unused = out.addListener(done -> stream.sent(count));
    var unusedToo =
        handler.encoder().writeData(context(), stream.stream().id(), answers, 0, false, out);
  }

  void writeEnd(FramedKeepAlive stream, Status status, boolean isFirst) {
    Http2Headers trailers = KeepAliveHeaders.trailers(status, isFirst);
    ChannelPromise out = context().newPromise();
    // A client that has not ended its side may be sending yet, and does so when it reads this. If
    // the stream were closed before, each frame on its way would be answered by a reset, and so
    // many resets end the whole connection.
    var unused =
        out.addListener(
            done -> {
              if (!done.isSuccess()) {
                handler.closeStream(stream.stream(), out);
              }
            });
    writeHeaders(stream, trailers, true, out);
  }

  private void writeHeaders(
      FramedKeepAlive stream, Http2Headers headers, boolean isLast, ChannelPromise out) {
    var unused =
        handler.encoder().writeHeaders(context(), stream.stream().id(), headers, 0, isLast, out);
  }

  /** Lets the client send so many bytes more. */
  void giveCredit(Http2Stream stream, int bytes) {
    try {
      if (connection.local().flowController().consumeBytes(stream, bytes)) {
        context().pipeline().channel().flush();
      }
    } catch (Http2Exception e) {
      handler.onError(context(), true, e);
    }
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "no stream was opened");
  }

  private record Late(FramedKeepAlive stream, Runnable action) {}

  private final class ReadEnd extends ChannelInboundHandlerAdapter {
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      readEnded();
      ctx.fireChannelReadComplete();
    }
  }
}
