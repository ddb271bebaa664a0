package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.report.Result;
import java.time.Duration;
import java.util.List;

/** Keys, on which locks, elections and registries are built. */
final class KeyScenarios {
  private static final int KEYS = 10_000;
  private static final ByteString VALUE = ByteString.copyFrom(new byte[256]);
  private static final int IN_FLIGHT = 64;
  private static final int CONNECTIONS_MAX = 16;
  private static final Duration PREPARE_MAX = Duration.ofMinutes(5);

  private KeyScenarios() {}

  static List<Scenario> all() {
    return List.of(
        puts(1),
        puts(IN_FLIGHT),
        ranges("range-linearizable", false),
        ranges("range-serializable", true));
  }

  private static Scenario puts(int inFlight) {
    return Scenario.any(
        "put-" + inFlight,
        "puts of " + VALUE.size() + " bytes at the leader, " + inFlight + " in flight",
        bench ->
            bench.measure(
                Bench.unaryLanes(
                    bench.links(Route.LEADER, Math.min(inFlight, CONNECTIONS_MAX)),
                    inFlight,
                    EtcdMethods.PUT,
                    Tickets.unlimited(),
                    KeyScenarios::put)));
  }

  private static Scenario ranges(String name, boolean isSerializable) {
    return Scenario.any(
        name,
        "reads of one key, spread over all members, " + IN_FLIGHT + " in flight",
        bench -> range(bench, isSerializable));
  }

  private static Result range(Bench bench, boolean isSerializable) throws InterruptedException {
    var unused =
        bench.prepare(
            "writing keys", EtcdMethods.PUT, IN_FLIGHT, KEYS, PREPARE_MAX, KeyScenarios::put);
    return bench.measure(
        Bench.unaryLanes(
            bench.links(Route.ALL, CONNECTIONS_MAX),
            IN_FLIGHT,
            EtcdMethods.RANGE,
            Tickets.unlimited(),
            i ->
                RangeRequest.newBuilder()
                    .setKey(key(i))
                    .setSerializable(isSerializable)
                    .build()
                    .toByteArray()));
  }

  static byte[] put(long i) {
    return PutRequest.newBuilder().setKey(key(i)).setValue(VALUE).build().toByteArray();
  }

  /** Keys follow each other in no order that a disk would like, and each is met in turn. */
  private static ByteString key(long i) {
    // The step has no divisor in common with the number of keys.
    return ByteString.copyFromUtf8("bench/" + i * 7919 % KEYS);
  }
}
