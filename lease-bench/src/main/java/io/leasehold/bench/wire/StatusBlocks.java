package io.leasehold.bench.wire;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import java.util.Arrays;

/**
 * Reads the status out of the header blocks that end calls. Blocks do not depend on each other,
 * since the peer was told to keep no table, so the one that says OK is decoded once and known by
 * its bytes from then on. Confined to the event loop.
 */
final class StatusBlocks {
  private static final boolean IS_VALIDATED = false;

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(IS_VALIDATED);
  private byte[] good = new byte[0];

  /** What a call ended with. */
  record End(Status.Code code, String message) {}

  private static final End OK = new End(Status.Code.OK, "");

  End read(ByteBuf in, int begin, int length) {
    if (isGood(in, begin, length)) {
      return OK;
    }
    byte[] bytes = ByteBufUtil.getBytes(in, begin, length);
    Http2Headers headers;
    try {
      headers = decoder.decodeHeaders(0, in.slice(begin, length));
    } catch (Http2Exception e) {
      throw new IllegalStateException("a header block that cannot be read", e);
    }
    CharSequence status = headers.get("grpc-status");
    if (status == null) {
      return new End(Status.Code.UNKNOWN, "HTTP status " + headers.status());
    }
    Status.Code code = Status.fromCodeValue(Integer.parseInt(status.toString())).getCode();
    if (code == Status.Code.OK) {
      good = bytes;
      return OK;
    }
    CharSequence message = headers.get("grpc-message");
    return new End(code, message == null ? "" : message.toString());
  }

  private boolean isGood(ByteBuf in, int begin, int length) {
    if (length != good.length) {
      return false;
    }
    if (in.hasArray()) {
      int at = in.arrayOffset() + begin;
      return Arrays.equals(in.array(), at, at + length, good, 0, length);
    }
    for (int i = 0; i < length; i++) {
      if (in.getByte(begin + i) != good[i]) {
        return false;
      }
    }
    return true;
  }
}
