package io.leasehold.server.grpc;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps gRPC's transport from logging a stack trace for each client that sends garbage: anybody who
 * reaches the port could fill the disk with them.
 */
final class TransportLogs {
  /* Held, since java.util.logging forgets the levels of loggers that nobody holds. */
  private static final List<Logger> LOGGERS =
      List.of(
          Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerTransport"),
          Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerStream"),
          Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler"));

  private TransportLogs() {}

  static void quieten() {
    LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
  }
}
