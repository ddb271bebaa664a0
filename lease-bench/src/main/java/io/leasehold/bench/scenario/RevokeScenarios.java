package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.wire.Link;
import java.time.Duration;
import java.util.List;

/** Revokes of leases that were granted, and given their keys, before. */
final class RevokeScenarios {
  private static final ByteString PREFIX = ByteString.copyFromUtf8("attached/");
  private static final int CONNECTIONS = 16;

  /** What is prepared in this time has to do, where that is slow. */
  private static final Duration PREPARE_MAX = Duration.ofSeconds(20);

  /** Of all leases, so many warm up. */
  private static final int WARM_UP_PART = 5;

  private RevokeScenarios() {}

  static List<Scenario> all() {
    return List.of(
        revokes(0, 200_000, 256),
        revokes(1, 50_000, 256),
        revokes(10, 20_000, 256),
        revokes(1000, 300, 8));
  }

  private static Scenario revokes(int keys, int leases, int inFlight) {
    return Scenario.any(
        "revoke-" + keys + "-keys",
        "revokes of up to "
            + leases
            + " leases with "
            + keys
            + " keys each, "
            + inFlight
            + " in flight",
        bench -> run(bench, keys, leases, inFlight));
  }

  private static Result run(Bench bench, int keys, int leaseCount, int inFlight)
      throws InterruptedException {
    LeaseRange leases = bench.grant(bench.leases(leaseCount), Bench.LONG_TTL_SECONDS, PREPARE_MAX);
    int count = leases.count();
    if (keys > 0) {
      int attached = AttachedKeys.attach(bench, leases, keys, PREPARE_MAX, PREFIX);
      count = Math.max(WARM_UP_PART, attached);
    }
    List<Link> links = bench.links(Route.LEADER, CONNECTIONS);
    int warmUp = Math.max(1, count / WARM_UP_PART);
    return bench.measureAll(
        tickets ->
            Bench.unaryLanes(
                links,
                inFlight,
                EtcdMethods.REVOKE,
                tickets,
                i ->
                    LeaseRevokeRequest.newBuilder()
                        .setID(leases.id((int) i))
                        .build()
                        .toByteArray()),
        Tickets.between(0, warmUp),
        Tickets.between(warmUp, count));
  }
}
