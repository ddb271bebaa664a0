package io.leasehold.jepsen.cluster;

import java.util.List;
import java.util.Set;

/** Members beside each other on loopback: no root needed, nothing can be cut. */
final class LoopbackNetwork implements Network {
  private static final int PORTS_PER_MEMBER = 3;

  private final int firstPort;

  LoopbackNetwork(int size) {
    firstPort = FreePorts.run(size * PORTS_PER_MEMBER);
  }

  @Override
  public Places places(int member) {
    int port = firstPort + member * PORTS_PER_MEMBER;
    return new Places(at(port), at(port + 1), at(port + 2));
  }

  private static Endpoint at(int port) {
    return new Endpoint("127.0.0.1", port);
  }

  @Override
  public List<String> commandPrefix(int member) {
    return List.of();
  }

  @Override
  public boolean canCut() {
    return false;
  }

  @Override
  public void cut(Set<DirectedPair> pairs) {
    throw new UnsupportedOperationException("members on loopback cannot be cut off");
  }

  @Override
  public long packetsCut() {
    return 0;
  }

  @Override
  public boolean canDegrade() {
    return false;
  }

  @Override
  public boolean canDelay() {
    return false;
  }

  @Override
  public void degrade(Set<String> members, Link link) {
    throw new UnsupportedOperationException("packets on loopback cannot be hindered");
  }

  @Override
  public long packetsDegraded() {
    return 0;
  }

  @Override
  public void close() {}
}
