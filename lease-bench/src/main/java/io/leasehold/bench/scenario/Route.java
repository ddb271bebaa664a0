package io.leasehold.bench.scenario;

import io.leasehold.bench.cluster.BenchCluster;
import io.leasehold.bench.cluster.BenchMember;
import java.util.List;

/** Which members clients are connected to. */
public enum Route {
  LEADER {
    @Override
    List<BenchMember> members(BenchCluster cluster) {
      return List.of(cluster.leader());
    }
  },
  /** One that does not lead; a single member stands in for it. */
  FOLLOWER {
    @Override
    List<BenchMember> members(BenchCluster cluster) {
      return cluster.followers().subList(0, 1);
    }
  },
  /** All, in turn. */
  ALL {
    @Override
    List<BenchMember> members(BenchCluster cluster) {
      return cluster.members();
    }
  };

  abstract List<BenchMember> members(BenchCluster cluster);
}
