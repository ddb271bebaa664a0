package io.leasehold.jepsen.cluster;

import java.util.List;
import java.util.Set;

/** Where members listen, and what lies between them. */
interface Network extends AutoCloseable {
  /** Returns the addresses of a member, counted from 0. */
  Places places(int member);

  /** Returns what stands before a member's command so that it runs in its place. */
  List<String> commandPrefix(int member);

  boolean canCut();

  /** Cuts exactly these directions in one step. */
  void cut(Set<DirectedPair> pairs);

  long packetsCut();

  /** Whether packets between members can be lost or slowed down. */
  boolean canDegrade();

  /** Whether packets between members can be delayed. */
  boolean canDelay();

  /**
   * Makes all that goes between these members and others pass as the link says, and what goes
   * between others as it should.
   */
  void degrade(Set<String> members, Link link);

  /** Returns how many packets were lost, slowed down or delayed by links so far. */
  long packetsDegraded();

  @Override
  void close();

  /** Where one member listens. */
  record Places(Endpoint client, Endpoint peer, Endpoint metrics) {}
}
