package io.leasehold.cli.start;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
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
    return new Stage(
        Extra.services(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .build()
            .start());
  }

  public String endpoint() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() {
    Server unused = server.shutdownNow();
  }
}
