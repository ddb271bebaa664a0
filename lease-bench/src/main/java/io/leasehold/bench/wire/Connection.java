package io.leasehold.bench.wire;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.util.collection.IntObjectHashMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A client's connection. Calls are made on its event loop; what they write goes out with {@link
 * #flush}, or when all that is being read has been handled.
 */
public final class Connection extends Http2Handler {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int CANCEL = 8;
  private static final int STREAM_ID_MAX = Integer.MAX_VALUE - 2;

  private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
  private final StatusBlocks statuses = new StatusBlocks();
  private ArrayDeque<Call> holding = new ArrayDeque<>();
  private int nextStreamId = 1;
  private int streamWindow = DEFAULT_WINDOW;
  private long window = DEFAULT_WINDOW;
  private boolean isOpen;
  private boolean isLeaving;

  Connection() {
    super(false);
  }

  @Override
  void sendPreface(ByteBuf to) {
    to.writeBytes(PREFACE);
    isOpen = true;
  }

  public EventLoop eventLoop() {
    return context().channel().eventLoop();
  }

  /** Whether calls can be made; never again once it is not. */
  public boolean isOpen() {
    return isOpen && !isLeaving;
  }

  /** Begins a call with messages to be sent. */
  public Call open(Method method, CallListener listener) {
    if (!isOpen()) {
      throw new IllegalStateException("the connection is closed");
    }
    if (nextStreamId >= STREAM_ID_MAX) {
      throw new IllegalStateException("no stream numbers left on this connection");
    }
    Call call = new Call(this, nextStreamId, streamWindow, listener);
    nextStreamId += 2;
    calls.put(call.streamId(), call);
    byte[] headers = method.headers();
    frame(headers.length, HEADERS, END_HEADERS, call.streamId()).writeBytes(headers);
    return call;
  }

  /** Makes a call of one request. */
  public Call unary(Method method, byte[] request, CallListener listener) {
    Call call = open(method, listener);
    call.send(request, true);
    return call;
  }

  /** Closes it; calls still open end as unavailable. From any thread. */
  public void close() {
    ChannelFuture unused = context().close();
  }

  long window() {
    return window;
  }

  void spend(int bytes) {
    window -= bytes;
  }

  void hold(Call call) {
    holding.add(call);
  }

  void cancel(Call call) {
    if (calls.remove(call.streamId()) != null && isOpen) {
      frame(4, RST_STREAM, 0, call.streamId()).writeInt(CANCEL);
      flush();
    }
  }

  @Override
  void data(int streamId, ByteBuf in, int begin, int length, int windowBytes, boolean isLast) {
    Call call = calls.get(streamId);
    if (call != null) {
      call.data(in, begin, length, windowBytes);
      if (isLast) {
        close(call, Status.Code.INTERNAL, "ended without a status");
      }
    }
  }

  @Override
  void headers(int streamId, ByteBuf in, int begin, int length, boolean isLast) {
    Call call = calls.get(streamId);
    // Those at the beginning of an answer say nothing that matters here.
    if (call != null && isLast) {
      StatusBlocks.End end = statuses.read(in, begin, length);
      close(call, end.code(), end.message());
    }
  }

  @Override
  void reset(int streamId, int errorCode) {
    Call call = calls.get(streamId);
    if (call != null) {
      close(call, Status.Code.UNAVAILABLE, "reset with HTTP/2 error " + errorCode);
    }
  }

  private void close(Call call, Status.Code code, String message) {
    calls.remove(call.streamId());
    call.closed(code, message, nowNanos());
  }

  @Override
  void setting(int id, int value) {
    if (id == INITIAL_WINDOW_SIZE) {
      int change = value - streamWindow;
      streamWindow = value;
      calls.values().forEach(call -> call.widen(change));
      sendHeld();
    }
  }

  @Override
  void windowUpdate(int streamId, int bytes) {
    if (streamId == 0) {
      window += bytes;
    } else {
      Call call = calls.get(streamId);
      if (call != null) {
        call.widen(bytes);
      }
    }
    sendHeld();
  }

  private void sendHeld() {
    if (holding.isEmpty()) {
      return;
    }
    ArrayDeque<Call> waiting = holding;
    holding = new ArrayDeque<>();
    for (Call call : waiting) {
      ArrayDeque<byte[]> messages = call.held();
      if (messages != null && calls.containsKey(call.streamId())) {
        call.sendHeld(messages);
      }
    }
  }

  @Override
  void goAway() {
    isLeaving = true;
  }

  @Override
  void disconnected() {
    isOpen = false;
    List<Call> open = new ArrayList<>(calls.values());
    calls.clear();
    holding.clear();
    open.forEach(call -> call.closed(Status.Code.UNAVAILABLE, "disconnected", nowNanos()));
  }
}
