package io.leasehold.bench.scenario;

import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.RenewalStream;
import io.leasehold.bench.load.Lane;
import io.leasehold.bench.load.Load;
import io.leasehold.bench.report.Figure;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.wire.Link;
import java.util.ArrayList;
import java.util.List;

/** Renewals over streams that stay open. */
final class RenewalScenarios {
  private static final int CONNECTIONS = 16;
  private static final int LEASES = 10_000;

  /** As many as a member takes in a message. */
  private static final int LEASES_OF_BATCH_MAX = 4_096;

  /** Enough to keep a member busy. */
  private static final int BATCHES_OUTSTANDING = 4;

  private static final int BATCH_LEASES = 24 * LEASES_OF_BATCH_MAX;
  private static final double NANOS_IN_SECOND = 1e9;

  private RenewalScenarios() {}

  static List<Scenario> all() {
    return List.of(
        renewals("renew-leader", "at the leader", Route.LEADER, 16, 16),
        renewals("renew-leader-streams", "at the leader", Route.LEADER, 256, 1),
        renewals("renew-follower", "through a follower", Route.FOLLOWER, 16, 16),
        renewals("renew-all", "spread over all members", Route.ALL, 16, 16),
        batches("renew-batch-leader", "at the leader", Route.LEADER, 2),
        batches("renew-batch-follower", "through a follower", Route.FOLLOWER, 2),
        batches("renew-batch-all", "spread over three members", Route.ALL, 3));
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
    List<List<? extends Lane>> lanes = new ArrayList<>();
    List<LeaseRange> parts = leases.split(streams);
    for (int i = 0; i < streams; i++) {
      lanes.add(
          RenewalStream.ofSingle(links.get(i % links.size()), parts.get(i), outstanding).lanes());
    }
    return Load.inTurns(lanes);
  }

  private static Scenario batches(String name, String where, Route route, int streams) {
    return Scenario.oursAlone(
        name,
        "renewals "
            + where
            + ", "
            + LEASES_OF_BATCH_MAX
            + " leases a message, "
            + streams
            + " streams with "
            + BATCHES_OUTSTANDING
            + " messages outstanding each",
        bench -> batches(bench, route, streams));
  }

  private static Result batches(Bench bench, Route route, int streams) throws InterruptedException {
    int leasesOfStream = Math.max(BATCHES_OUTSTANDING, bench.leases(BATCH_LEASES) / streams);
    int leasesOfBatch = Math.min(LEASES_OF_BATCH_MAX, leasesOfStream / BATCHES_OUTSTANDING);
    List<LeaseRange> parts = bench.grant(leasesOfStream * streams).split(streams);
    List<Link> links = bench.links(route, streams);
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      lanes.addAll(
          RenewalStream.ofBatches(links.get(i), parts.get(i), leasesOfBatch, BATCHES_OUTSTANDING)
              .lanes());
    }
    return inRenewals(bench.measure(lanes), leasesOfBatch);
  }

  /** Adds to what was measured in messages what that is in renewals. */
  private static Result inRenewals(Result messages, int leasesOfBatch) {
    double renewals = messages.value("operations") * leasesOfBatch;
    return messages.with(
        Figure.higher("renewalsPerSecond", renewals / messages.seconds()),
        Figure.lower(
            "serverNanosEachRenewal", messages.cpu().serversSeconds() * NANOS_IN_SECOND / renewals),
        Figure.fact("leasesOfMessage", leasesOfBatch));
  }
}
