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
    Network network(ClusterPlan plan) {
      return new LoopbackNetwork(plan.size());
    }
  },

  /** A network namespace for each member on a bridge: Linux and root; every cut is possible. */
  NETNS {
    @Override
    @Nullable String reasonMissing() {
      return NetnsNetwork.reasonMissing();
    }

    @Override
    Network network(ClusterPlan plan) {
      return NetnsNetwork.create(plan);
    }
  };

  abstract @Nullable String reasonMissing();

  abstract Network network(ClusterPlan plan);

  /** Says in one line why this cannot be done here; null when it can. */
  public @Nullable String reasonMissing(ClusterPlan plan) {
    String reason = reasonMissing();
    if (reason == null) {
      reason = plan.target().reasonMissing();
    }
    if (reason == null && plan.diskMebibytes() > 0) {
      reason = LoopDisk.reasonMissing();
    }
    if (reason == null) {
      reason = plan.tampering().reasonMissing();
    }
    if (reason == null && plan.tampering().wires() && this != NETNS) {
      reason = "packets can only be delayed between network namespaces";
    }
    boolean isPreloaded = plan.tampering().shim() || !plan.tampering().clockRates().isEmpty();
    if (reason == null && isPreloaded && plan.target() != Target.LEASEHOLD) {
      reason = plan.target() + " asks the kernel itself: its clock and syncs cannot be hindered";
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
