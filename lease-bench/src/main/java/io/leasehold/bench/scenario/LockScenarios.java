package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.LockLane;
import io.leasehold.bench.wire.Link;
import java.util.ArrayList;
import java.util.List;

/** Locks, each client with a connection and a lease of its own. */
final class LockScenarios {
  private LockScenarios() {}

  static List<Scenario> all() {
    return List.of(
        locks("lock-1", "lock and unlock, one client", 1, 1),
        locks("lock-64", "lock and unlock, 64 clients on 64 locks", 64, 64),
        locks("lock-hand-over", "lock and unlock, 2 clients on one lock", 2, 1),
        locks("lock-contended", "lock and unlock, 64 clients on one lock", 64, 1));
  }

  private static Scenario locks(String name, String what, int clients, int locks) {
    return Scenario.any(name, what, bench -> bench.measure(lanes(bench, clients, locks)));
  }

  static List<LockLane> lanes(Bench bench, int clients, int locks) throws InterruptedException {
    LeaseRange leases = bench.grant(clients);
    List<Link> links = bench.links(Route.LEADER, clients);
    List<LockLane.Contention> contentions = new ArrayList<>();
    for (int i = 0; i < locks; i++) {
      contentions.add(new LockLane.Contention());
    }
    List<LockLane> lanes = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      int lock = i % locks;
      ByteString name = ByteString.copyFromUtf8("lock/" + leases.firstId() + "/" + lock);
      lanes.add(new LockLane(links.get(i), name, leases.id(i), contentions.get(lock)));
    }
    return lanes;
  }
}
