package io.leasehold.bench.scenario;

import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.report.Result;
import java.util.List;

/** Questions about leases. */
final class ReadScenarios {
  private static final int CONNECTIONS = 16;
  private static final int IN_FLIGHT = 256;
  private static final int LEASES = 10_000;
  private static final int LISTS_IN_FLIGHT = 4;

  private ReadScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.any(
            "time-to-live",
            "time to live at the leader, " + IN_FLIGHT + " in flight",
            ReadScenarios::timeToLive),
        Scenario.fresh(
            "list",
            "lists of all leases at the leader, " + LISTS_IN_FLIGHT + " in flight",
            ReadScenarios::list));
  }

  private static Result timeToLive(Bench bench) throws InterruptedException {
    LeaseRange leases = bench.grant(bench.leases(LEASES));
    return bench.measure(
        Bench.unaryLanes(
            bench.links(Route.LEADER, CONNECTIONS),
            IN_FLIGHT,
            EtcdMethods.TIME_TO_LIVE,
            Tickets.unlimited(),
            i ->
                LeaseTimeToLiveRequest.newBuilder()
                    .setID(leases.id((int) (i % leases.count())))
                    .build()
                    .toByteArray()));
  }

  /** On a cluster of its own, since it depends on how many leases there are. */
  private static Result list(Bench bench) throws InterruptedException {
    var unused = bench.grant(bench.leases(LEASES));
    byte[] request = LeaseLeasesRequest.getDefaultInstance().toByteArray();
    return bench.measure(
        Bench.unaryLanes(
            bench.links(Route.LEADER, LISTS_IN_FLIGHT),
            LISTS_IN_FLIGHT,
            EtcdMethods.LEASES,
            Tickets.unlimited(),
            any -> request));
  }
}
