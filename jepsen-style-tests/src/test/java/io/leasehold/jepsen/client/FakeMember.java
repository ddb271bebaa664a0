package io.leasehold.jepsen.client;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.leasehold.jepsen.cluster.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** A server that does what a test wants. */
final class FakeMember implements AutoCloseable {
  private final Server server;
  private final Connections connections;

  FakeMember(BindableService... services) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    for (BindableService service : services) {
      builder.addService(service);
    }
    server = builder.build().start();
    connections = new Connections(Map.of("n1", new Endpoint("127.0.0.1", server.getPort())));
  }

  Connections connections() {
    return connections;
  }

  /** Nobody listens any more. */
  void end() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }

  @Override
  public void close() {
    connections.close();
    server.shutdownNow();
  }
}
