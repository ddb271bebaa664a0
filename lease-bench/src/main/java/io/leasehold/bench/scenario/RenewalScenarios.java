package io.leasehold.bench.scenario;

import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.RenewalStream;
import io.leasehold.bench.load.Lane;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.wire.Link;
import java.util.ArrayList;
import java.util.List;

/** Renewals over streams that stay open. */
final class RenewalScenarios {
  private static final int CONNECTIONS = 16;
  private static final int LEASES = 10_000;

  private RenewalScenarios() {}

  static List<Scenario> all() {
    return List.of(
        renewals("renew-leader", "at the leader", Route.LEADER, 16, 16),
        renewals("renew-leader-streams", "at the leader", Route.LEADER, 256, 1),
        renewals("renew-follower", "through a follower", Route.FOLLOWER, 16, 16),
        renewals("renew-all", "spread over all members", Route.ALL, 16, 16));
  }

  private static Scenario renewals(
      String name, String where, Route route, int streams, int outstanding) {
    return Scenario.any(
        name,
        "renewals " + where + ", " + streams + " streams with " + outstanding + " outstanding each",
        bench -> run(bench, route, streams, outstanding));
  }

  private static Result run(Bench bench, Route route, int streams, int outstanding)
      throws InterruptedException {
    LeaseRange leases = bench.grant(Math.max(bench.leases(LEASES), streams * outstanding));
    List<Link> links = bench.links(route, Math.min(streams, CONNECTIONS));
    return bench.measure(lanes(leases, links, streams, outstanding));
  }

  /** Returns the lanes of streams that share leases, spread over links. */
  static List<Lane> lanes(LeaseRange leases, List<Link> links, int streams, int outstanding) {
    List<Lane> lanes = new ArrayList<>();
    List<LeaseRange> parts = leases.split(streams);
    for (int i = 0; i < streams; i++) {
      lanes.addAll(
          new RenewalStream(links.get(i % links.size()), parts.get(i), outstanding).lanes());
    }
    return lanes;
  }
}
