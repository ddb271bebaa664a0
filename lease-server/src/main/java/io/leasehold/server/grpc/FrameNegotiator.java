package io.leasehold.server.grpc;

import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.util.function.Consumer;

/**
 * Begins connections as grpc-java does, and lets somebody look at the handler of each before it
 * reads anything. What it uses of grpc-java is public and called internal: a version that changes
 * it does not compile here, or fails {@code KeepAliveTest}.
 */
final class FrameNegotiator implements ProtocolNegotiator {
  private final ProtocolNegotiator ordinary = InternalProtocolNegotiators.serverPlaintext();
  private final Consumer<GrpcHttp2ConnectionHandler> begun;

  private FrameNegotiator(Consumer<GrpcHttp2ConnectionHandler> begun) {
    this.begun = begun;
  }

  /** Returns credentials for a server without TLS. */
  static ServerCredentials credentials(Consumer<GrpcHttp2ConnectionHandler> begun) {
    return InternalNettyServerCredentials.create(new FrameNegotiator(begun));
  }

  @Override
  public AsciiString scheme() {
    return ordinary.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler connection) {
    begun.accept(connection);
    return ordinary.newHandler(connection);
  }

  @Override
  public void close() {
    ordinary.close();
  }
}
