package io.leasehold.bench.scenario;

import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.report.Result;
import java.util.List;

/** Grants, which go through the log. */
final class GrantScenarios {
  private static final int CONNECTIONS_MAX = 16;

  /** They outlive the run, and not much more. */
  private static final long TTL_SECONDS = 3600;

  private GrantScenarios() {}

  static List<Scenario> all() {
    return List.of(grants(1), grants(64), grants(256));
  }

  private static Scenario grants(int inFlight) {
    return Scenario.any(
        "grant-" + inFlight,
        "grants at the leader, " + inFlight + " in flight",
        bench -> run(bench, inFlight));
  }

  private static Result run(Bench bench, int inFlight) throws InterruptedException {
    byte[] request = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build().toByteArray();
    return bench.measure(
        Bench.unaryLanes(
            bench.links(Route.LEADER, Math.min(inFlight, CONNECTIONS_MAX)),
            inFlight,
            EtcdMethods.GRANT,
            Tickets.unlimited(),
            any -> request));
  }
}
