package io.leasehold.jepsen.cluster;

import org.jspecify.annotations.Nullable;

/** Ways to run members on one machine. */
public enum Backend {
  /** Separate processes on loopback: every machine, no root. */
  PROCESS {
    @Override
    @Nullable String reasonMissing() {
      return null;
    }

    @Override
    Network network(int size) {
      return new LoopbackNetwork(size);
    }
  },

  /** A network namespace for each member on a bridge: Linux and root; every cut is possible. */
  NETNS {
    @Override
    @Nullable String reasonMissing() {
      return NetnsNetwork.reasonMissing();
    }

    @Override
    Network network(int size) {
      return NetnsNetwork.create(size);
    }
  };

  abstract @Nullable String reasonMissing();

  abstract Network network(int size);

  /** Says in one line why this cannot be done here; null when it can. */
  public @Nullable String reasonMissing(ClusterPlan plan) {
    String reason = reasonMissing();
    if (reason == null) {
      reason = plan.target().reasonMissing();
    }
    if (reason == null && plan.diskMebibytes() > 0) {
      reason = LoopDisk.reasonMissing();
    }
    return reason;
  }

  /** Makes a cluster none of whose members runs yet. */
  public TestCluster open(ClusterPlan plan) {
    String reason = reasonMissing(plan);
    if (reason != null) {
      throw new ClusterException(reason);
    }
    return ProcessCluster.open(plan, this);
  }
}
