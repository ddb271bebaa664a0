package io.leasehold.cli.start;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A server on a free port that says yes to everything. */
public final class Stage implements AutoCloseable {
  private final Server server;

  private Stage(Server server) {
    this.server = server;
  }

  public static Stage open() throws IOException {
    return open(builder());
  }

  /** Opens one that speaks TLS. */
  public static Stage open(SslContext tls) throws IOException {
    return open(builder().sslContext(tls));
  }

  private static NettyServerBuilder builder() {
    return NettyServerBuilder.forAddress(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private static Stage open(NettyServerBuilder builder) throws IOException {
    return new Stage(Extra.services(builder).build().start());
  }

  public String endpoint() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() {
    Server unused = server.shutdownNow();
  }
}
