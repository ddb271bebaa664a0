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

  @Override
  void close();

  /** Where one member listens. */
  record Places(Endpoint client, Endpoint peer, Endpoint metrics) {}
}
