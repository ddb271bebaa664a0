package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import java.nio.charset.StandardCharsets;

/** The headers of streams of renewals, as gRPC has them in HTTP/2. */
final class KeepAliveHeaders {
  private static final AsciiString PATH =
      AsciiString.of("/" + LeaseGrpc.getLeaseKeepAliveMethod().getFullMethodName());
  private static final AsciiString POST = AsciiString.of("POST");
  private static final AsciiString CONTENT_TYPE = AsciiString.of("content-type");
  private static final AsciiString GRPC = AsciiString.of("application/grpc");
  private static final AsciiString GRPC_PROTO = AsciiString.of("application/grpc+proto");
  private static final AsciiString ENCODING = AsciiString.of("grpc-encoding");
  private static final AsciiString IDENTITY = AsciiString.of("identity");
  private static final AsciiString TIMEOUT = AsciiString.of("grpc-timeout");
  private static final AsciiString HAS_LEADER = AsciiString.of("hasleader");
  private static final AsciiString TRUE = AsciiString.of("true");
  private static final AsciiString GRPC_STATUS = AsciiString.of("grpc-status");
  private static final AsciiString GRPC_MESSAGE = AsciiString.of("grpc-message");

  /** What stands before the first answer. */
  static final Http2Headers RESPONSE =
      ReadOnlyHttp2Headers.serverHeaders(false, AsciiString.of("200"), CONTENT_TYPE, GRPC);

  private KeepAliveHeaders() {}

  /** Tells whether a request opens a stream of renewals, and one without anything special. */
  static boolean isOrdinary(Http2Headers request) {
    if (!PATH.contentEquals(request.path()) || !POST.contentEquals(request.method())) {
      return false;
    }
    CharSequence type = request.get(CONTENT_TYPE);
    CharSequence encoding = request.get(ENCODING);
    return type != null
        && (GRPC.contentEquals(type) || GRPC_PROTO.contentEquals(type))
        && (encoding == null || IDENTITY.contentEquals(encoding))
        && request.get(TIMEOUT) == null;
  }

  /** As {@link RequireLeader#isRequired}. */
  static boolean requiresLeader(Http2Headers request) {
    CharSequence value = request.get(HAS_LEADER);
    return value != null && TRUE.contentEquals(value);
  }

  /**
   * Returns what ends a stream.
   *
   * @param isFirst whether nothing stands before it
   */
  static Http2Headers trailers(Status status, boolean isFirst) {
    Http2Headers trailers = new DefaultHttp2Headers(false);
    if (isFirst) {
      trailers.setAll(RESPONSE);
    }
    trailers.set(GRPC_STATUS, AsciiString.of(Integer.toString(status.getCode().value())));
    if (status.getDescription() != null) {
      trailers.set(GRPC_MESSAGE, percentEncoded(status.getDescription()));
    }
    return trailers;
  }

  /** As gRPC wants messages of a status: printable ASCII but for the percent sign. */
  private static AsciiString percentEncoded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder encoded = new StringBuilder(bytes.length);
    for (byte next : bytes) {
      if (next >= ' ' && next <= '~' && next != '%') {
        encoded.append((char) next);
      } else {
        encoded.append(String.format("%%%02X", next));
      }
    }
    return AsciiString.of(encoded);
  }
}
