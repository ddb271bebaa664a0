package io.leasehold.bench.load;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.leasehold.bench.wire.CallListener;
import io.leasehold.bench.wire.Connection;
import io.leasehold.bench.wire.Link;
import io.leasehold.bench.wire.Method;
import org.jspecify.annotations.Nullable;

/**
 * Does one operation after the other, never two at once: as many lanes as there are, so many
 * operations are outstanding. Confined to its event loop.
 */
public abstract class Lane {
  /** Takes the answer of a call. */
  protected interface Answered {
    void accept(byte[] answer, long nowNanos);
  }

  private final EventLoop eventLoop;
  private @Nullable LaneLoop loop;
  private long begunNanos;

  protected Lane(EventLoop eventLoop) {
    this.eventLoop = eventLoop;
  }

  final EventLoop eventLoop() {
    return eventLoop;
  }

  final void join(LaneLoop joined) {
    loop = joined;
  }

  private LaneLoop loop() {
    LaneLoop current = loop;
    if (current == null) {
      throw new IllegalStateException("not part of a load");
    }
    return current;
  }

  final long begunNanos() {
    return begunNanos;
  }

  /**
   * @param intendedNanos from when on the operation's time counts
   */
  final boolean beginAt(long intendedNanos, long nowNanos) {
    begunNanos = intendedNanos;
    return begin(nowNanos);
  }

  /**
   * Begins an operation, which ends with {@link #done} or {@link #failed}. Returns false when there
   * is nothing left to be done.
   */
  protected abstract boolean begin(long nowNanos);

  /** Gives back what it holds, when the load is over. */
  protected void end() {}

  protected final void done(long nowNanos) {
    loop().done(this, nowNanos);
  }

  /** Counts as an error; the next operation begins a little later. */
  protected final void failed(Status.Code code, String message, long nowNanos) {
    loop().failed(this, code, message, nowNanos);
  }

  /** Records something beside whole operations, in nanoseconds. */
  protected final void record(String series, long nanos) {
    loop().record(series, nanos);
  }

  /** Makes a call of one request; when it fails, so does the operation. */
  protected final void call(Link link, Method method, byte[] request, Answered answered) {
    Connection connection = link.connection();
    if (connection == null) {
      failed(Status.Code.UNAVAILABLE, "not connected", System.nanoTime());
      return;
    }
    connection.unary(method, request, new Unary(answered));
    connection.flush();
  }

  private final class Unary implements CallListener {
    private final Answered answered;
    private byte @Nullable [] answer;

    Unary(Answered answered) {
      this.answered = answered;
    }

    @Override
    public void message(ByteBuf bytes, int begin, int length, long nowNanos) {
      answer = ByteBufUtil.getBytes(bytes, begin, length);
    }

    @Override
    public void closed(Status.Code code, String message, long nowNanos) {
      byte[] received = answer;
      if (code == Status.Code.OK && received != null) {
        answered.accept(received, nowNanos);
      } else {
        failed(code, message, nowNanos);
      }
    }
  }
}
