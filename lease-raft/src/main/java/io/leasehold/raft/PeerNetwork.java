package io.leasehold.raft;

import io.grpc.Channel;
import java.util.Set;

/** The other members' peer ports, for services beside Raft. Any thread. */
public interface PeerNetwork {
  /**
   * Returns a connection to the named member, shared by all callers; it connects when first used
   * and again after it broke.
   */
  Channel channel(String memberName);

  /** Returns the names of all members, this one among them. */
  Set<String> members();
}
