package io.leasehold.cluster;

import io.grpc.ManagedChannel;

/** A member as its clients know it: a connection, and whether it is worth trying. */
public interface Reachable {
  boolean isRunning();

  ManagedChannel channel();
}
