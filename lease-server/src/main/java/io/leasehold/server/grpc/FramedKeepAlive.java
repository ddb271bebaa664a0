package io.leasehold.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stream of renewals as it stands in HTTP/2 frames. What arrived together is renewed together,
 * with one look at the clock and one at leadership, and answered in one frame.
 *
 * <p>Confined to the event loop of its connection, but for {@link #answer} and {@link #end}, which
 * go there by {@link KeepAliveFrames#later}.
 */
final class FramedKeepAlive extends KeepAliveStream {
  private final KeepAliveFrames connection;
  private final Http2Stream stream;
  private final int requestBytesMax;

  /** The leases whose renewal was asked for and not yet done; {@link #WINDOW} at the most. */
  private long[] asked = new long[8];

  private int askedCount;

  /**
   * What was read and not understood: the beginning of a message of which the rest is yet to come,
   * or requests for which there is no room. The client's window bounds it.
   */
  private @Nullable ByteBuf rest;

  /** Whether requests wait for room. Until they are taken the client may send no more. */
  private boolean isHeldUp;

  private boolean isResumePlanned;

  /** Answers that are not yet handed to the connection. */
  private @Nullable ByteBuf answers;

  private int answersCount;

  /** Requests whose answers the connection has not yet put out. */
  private int unanswered;

  /** Bytes that were read and that the client may not yet send anew. */
  private int heldBytes;

  private boolean isInputEnded;
  private boolean hasToldEnd;
  private boolean isEnded;
  private boolean hasSentHeaders;
  private int sinceSample;

  FramedKeepAlive(
      KeepAlives shared, KeepAliveFrames connection, Http2Stream stream, int requestBytesMax) {
    super(shared);
    this.connection = connection;
    this.stream = stream;
    this.requestBytesMax = requestBytesMax;
  }

  /* ------------------------------------------------------------ what the connection tells */

  /** Takes in what one frame carries. What is asked is done by {@link #answerAsked}. */
  void received(ByteBuf data, boolean isLast) {
    heldBytes += data.readableBytes();
    if (isEnded || isInputEnded) {
      return;
    }
    isInputEnded = isLast;
    take(rest == null ? data : rest.writeBytes(data));
  }

  /** Renews what was asked for. */
  void answerAsked() {
    if (askedCount > 0 && !isEnded) {
      // Filled before renewing: a client may go on from this revision and miss nothing of the
      // lease's end.
      ResponseHeader header = shared.headers().current();
      long startNanos = shared.clock().nanoTime();
      long[] ttls = connection.ttls(askedCount);
      shared.router().renewEach(asked, askedCount, ttls);
      int renewed = 0;
      for (int i = 0; i < askedCount; i++) {
        if (ttls[i] > 0) {
          add(header, asked[i], ttls[i]);
          renewed++;
        } else {
          renewLater(header, asked[i]);
        }
      }
      count(renewed, startNanos);
    }
    askedCount = 0;
    if (isInputEnded && !isHeldUp && !isEnded && !hasToldEnd) {
      hasToldEnd = true;
      inputEnded();
    }
  }

  /** Adds an answer to those that go out next. */
  void add(ResponseHeader header, long leaseId, long ttlMillis) {
    if (isEnded) {
      return;
    }
    if (answers == null) {
      answers = connection.newBuffer();
    }
    connection.messages().writeAnswer(answers, header, leaseId, ttlMillis / 1000);
    answersCount++;
  }

  /** Hands the connection what is to go out, and lets the client send as much as was answered. */
  void send() {
    ByteBuf ready = answers;
    if (ready != null) {
      answers = null;
      int count = answersCount;
      answersCount = 0;
      connection.writeAnswers(this, ready, !hasSentHeaders, count);
      hasSentHeaders = true;
    }
    giveCredit();
  }

  /** The connection has put out so many answers, or never will. */
  void sent(int count) {
    unanswered -= count;
    giveCredit();
    if (isHeldUp && !isResumePlanned && unanswered <= WINDOW - PORTION) {
      isResumePlanned = true;
      connection.later(this, this::resume);
    }
  }

  /** Ends the stream, unless it is over already. */
  void finish(Status status) {
    if (!isEnded) {
      send();
      isEnded = true;
      connection.writeEnd(this, status, !hasSentHeaders);
      letGo();
    }
  }

  /** The stream is over, by whoever's doing. */
  void closed() {
    isEnded = true;
    heldBytes = 0;
    letGo();
    ended();
  }

  /** Returns whether nothing is answered any more. */
  boolean isEnded() {
    return isEnded;
  }

  Http2Stream stream() {
    return stream;
  }

  /* ------------------------------------------------------------ any thread */

  @Override
  void answer(ResponseHeader header, long leaseId, long ttlMillis) {
    connection.later(this, () -> add(header, leaseId, ttlMillis));
  }

  @Override
  void end(Status status) {
    connection.later(this, () -> finish(status));
  }

  /* ------------------------------------------------------------ reading */

  /** Takes as many requests as there is room for. */
  private void take(ByteBuf input) {
    isHeldUp = false;
    try {
      takeMessages(input);
    } catch (InvalidProtocolBufferException e) {
      refuse(Status.INTERNAL.withDescription("grpc: error unmarshalling request: not a renewal"));
    }
    keepRest(input);
    if (isInputEnded && rest != null && !isHeldUp) {
      refuse(Status.INTERNAL.withDescription("the stream ended within a message"));
    }
  }

  private void resume() {
    isResumePlanned = false;
    if (isHeldUp && rest != null) {
      take(rest);
      answerAsked();
    }
  }

  private void takeMessages(ByteBuf input) throws InvalidProtocolBufferException {
    while (!isEnded && input.readableBytes() >= KeepAliveMessages.PREFIX_BYTES) {
      int at = input.readerIndex();
      long length = input.getUnsignedInt(at + 1);
      if (input.getByte(at) != 0) {
        refuse(
            Status.INTERNAL.withDescription("a compressed message, and no compression agreed on"));
        return;
      }
      if (length > requestBytesMax) {
        refuse(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "gRPC message exceeds maximum size " + requestBytesMax + ": " + length));
        return;
      }
      if (input.readableBytes() - KeepAliveMessages.PREFIX_BYTES < length) {
        return;
      }
      if (unanswered >= WINDOW) {
        isHeldUp = true;
        return;
      }
      input.skipBytes(KeepAliveMessages.PREFIX_BYTES);
      ask(KeepAliveMessages.readRequest(input, (int) length));
    }
  }

  private void ask(long leaseId) {
    if (askedCount == asked.length) {
      asked = Arrays.copyOf(asked, askedCount * 2);
    }
    asked[askedCount++] = leaseId;
    unanswered++;
  }

  private void keepRest(ByteBuf input) {
    if (isEnded) {
      return;
    }
    ByteBuf kept = rest;
    if (!input.isReadable()) {
      if (kept != null) {
        kept.release();
        rest = null;
      }
    } else if (kept == null) {
      rest = connection.newBuffer().writeBytes(input);
    } else {
      kept.discardSomeReadBytes();
    }
  }

  /** Ends a stream on which nothing can be understood any more; what was asked before is done. */
  private void refuse(Status status) {
    answerAsked();
    finish(status);
  }

  /* ------------------------------------------------------------ small things */

  private void count(int renewed, long startNanos) {
    shared.metrics().renewedNow(renewed);
    sinceSample += renewed;
    if (sinceSample >= SAMPLE) {
      sinceSample = 0;
      shared.metrics().renewalAnswered(shared.clock().nanoTime() - startNanos);
    }
  }

  private void giveCredit() {
    if (heldBytes > 0 && (isEnded || !isHeldUp)) {
      int bytes = heldBytes;
      heldBytes = 0;
      connection.giveCredit(stream, bytes);
    }
  }

  private void letGo() {
    askedCount = 0;
    isHeldUp = false;
    if (rest != null) {
      rest.release();
      rest = null;
    }
    if (answers != null) {
      answers.release();
      answers = null;
    }
  }
}
