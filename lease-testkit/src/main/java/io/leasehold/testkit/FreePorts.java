package io.leasehold.testkit;

import io.leasehold.core.time.RandomSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds free ports on loopback below the range from which the system takes ports for outgoing
 * connections: a member that was killed must find its ports free again. Confined to one thread.
 */
final class FreePorts {
  private static final int LOWEST = 12_000;
  private static final int HIGHEST = 32_000;
  private static final int TRIES_MAX = 1000;

  private final RandomSource random;
  private final Set<Integer> given = new HashSet<>();

  FreePorts(RandomSource random) {
    this.random = random;
  }

  /** Returns a port that was free a moment ago, never the same twice. */
  int next() {
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      int port = LOWEST + Math.floorMod(random.nextLong(), HIGHEST - LOWEST);
      if (!given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
    }
    throw new ClusterException("no free port from " + LOWEST + " to " + HIGHEST + " on loopback");
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
