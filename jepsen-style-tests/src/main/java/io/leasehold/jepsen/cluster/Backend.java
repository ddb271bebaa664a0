package io.leasehold.jepsen.cluster;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Ways to run members on one machine. */
public enum Backend {
  /** Separate processes on loopback: every machine, no root. */
  PROCESS {
    @Override
    public Set<Capability> ruledOut() {
      return EnumSet.of(Capability.CUTS, Capability.ISOLATION);
    }

    @Override
    @Nullable String reasonMissing() {
      return null;
    }

    @Override
    TestCluster make(ClusterPlan plan) {
      return ProcessCluster.open(plan, () -> new LoopbackNetwork(plan.size()));
    }
  },

  /** A network namespace for each member on a bridge: Linux and root; every cut is possible. */
  NETNS {
    @Override
    public Set<Capability> ruledOut() {
      return Set.of();
    }

    @Override
    @Nullable String reasonMissing() {
      return NetnsNetwork.reasonMissing();
    }

    @Override
    TestCluster make(ClusterPlan plan) {
      return ProcessCluster.open(plan, () -> NetnsNetwork.create(plan));
    }
  },

  /** The compose file's containers, on whatever engine is reached. */
  CONTAINERS {
    @Override
    public Set<Capability> ruledOut() {
      return EnumSet.complementOf(
          EnumSet.of(Capability.PROCESSES, Capability.ISOLATION, Capability.REPLACEMENT));
    }

    @Override
    @Nullable String reasonMissing() {
      return ComposeEngine.reasonMissing();
    }

    @Override
    @Nullable String reasonUnlike(ClusterPlan plan) {
      if (plan.target() != Target.LEASEHOLD) {
        return "there is no image of " + plan.target();
      } else if (!plan.classesFirst().isEmpty() || !plan.jvmOptions().isEmpty()) {
        return "members in containers run as their image has them";
      } else if (plan.diskMebibytes() > 0 || !plan.tampering().equals(Tampering.NONE)) {
        return "nothing is put between members in containers and their clocks, disks and links";
      }
      return ComposeFiles.reasonMissing(plan);
    }

    @Override
    TestCluster make(ClusterPlan plan) {
      return ComposeEngine.open(plan);
    }
  };

  abstract @Nullable String reasonMissing();

  abstract TestCluster make(ClusterPlan plan);

  /** Returns what no cluster of this backend offers, on whatever machine. */
  public abstract Set<Capability> ruledOut();

  /** Says in one line what this cannot be on any machine; null when it can. */
  @Nullable String reasonUnlike(ClusterPlan plan) {
    return null;
  }

  /** Says in one line why this cannot be done here; null when it can. */
  public @Nullable String reasonMissing(ClusterPlan plan) {
    String reason = reasonUnlike(plan);
    if (reason == null) {
      reason = reasonMissing();
    }
    if (this == CONTAINERS) {
      // Neither what is built nor what is installed here is in the image.
      return reason;
    }
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
    return make(plan);
  }
}
