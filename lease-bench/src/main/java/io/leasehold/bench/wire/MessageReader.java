package io.leasehold.bench.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds gRPC's messages in the data of one stream, whichever way they are cut into frames. A
 * message that lies in one frame is not copied. Confined to the connection's event loop.
 */
final class MessageReader {
  /** One that says whether the message is compressed, and four for its length. */
  static final int PREFIX_BYTES = 5;

  /** Takes a message, which lies in {@code in} from {@code begin} on until this returns. */
  @FunctionalInterface
  interface Taker {
    void message(ByteBuf in, int begin, int length);
  }

  private final Taker taker;

  /** The beginning of a message whose rest is still to come. */
  private @Nullable ByteBuf partial;

  MessageReader(Taker taker) {
    this.taker = taker;
  }

  /** Reads the data of a frame. */
  void data(ByteBuf in, int begin, int length) {
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
      taker.message(in, at, messageLength);
      at += messageLength;
    }
    return at - begin;
  }

  private static int messageLength(ByteBuf in, int begin, int length) {
    return length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + in.getInt(begin + 1);
  }

  /** Forgets what was begun. */
  void release() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }
}
