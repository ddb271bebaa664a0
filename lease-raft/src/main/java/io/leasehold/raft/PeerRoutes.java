package io.leasehold.raft;

/**
 * Which way connections to other members are made: to their addresses, or to a tunnel or a relay
 * that leads there. Members go by their addresses all the same, whatever the way. Any thread.
 */
@FunctionalInterface
public interface PeerRoutes {
  /** Straight to the address. */
  PeerRoutes DIRECT = peer -> peer;

  /** Returns where to connect to in order to reach the member with this address. */
  PeerAddress toward(PeerAddress peer);
}
