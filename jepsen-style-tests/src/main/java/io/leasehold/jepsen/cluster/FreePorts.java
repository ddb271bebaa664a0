package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds runs of free loopback ports below the range from which the system takes ports for outgoing
 * connections: a member that is down for a while must find its ports free again.
 */
final class FreePorts {
  private static final int LOWEST = 12_000;
  private static final int HIGHEST = 32_000;
  private static final int TRIES_MAX = 500;

  private FreePorts() {}

  /** Returns the first of {@code count} free ports in a row. */
  static int run(int count) {
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      int first = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST - count);
      boolean areFree = true;
      for (int port = first; port < first + count && areFree; port++) {
        areFree = isFree(port);
      }
      if (areFree) {
        return first;
      }
    }
    throw new ClusterException("no " + count + " free ports in a row on loopback");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
