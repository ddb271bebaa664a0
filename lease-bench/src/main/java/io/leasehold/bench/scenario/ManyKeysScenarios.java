package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.etcd.Watchers;
import io.leasehold.bench.load.Account;
import io.leasehold.bench.load.Load;
import io.leasehold.bench.measure.CpuTimes;
import io.leasehold.bench.report.Figure;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.wire.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What others feel when a lease ends that carries very many keys. */
final class ManyKeysScenarios {
  private static final int KEYS = 100_000;
  private static final int CONNECTIONS = 6;
  private static final int IN_FLIGHT = 64;
  private static final double CALLS_PER_SECOND = 100;
  private static final int WARM_UP_SECONDS = 20;
  private static final Duration END_MAX = Duration.ofSeconds(120);

  /** What follows the end itself: memtables are flushed, watchers told. */
  private static final Duration AFTERMATH = Duration.ofSeconds(1);

  private static final ByteString OTHER_KEY = ByteString.copyFromUtf8("other");

  private ManyKeysScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.any(
            "revoke-many-keys",
            "puts and reads of others while a lease with " + KEYS + " keys is revoked",
            ManyKeysScenarios::run));
  }

  private static Result run(Bench bench) throws InterruptedException {
    int keys = KEYS;
    int warmUpSeconds = bench.warmUpSeconds(WARM_UP_SECONDS);
    LeaseRange lease = bench.grant(1);
    ByteString prefix = ByteString.copyFromUtf8("many/" + lease.firstId() + "/");
    long unusedCount = AttachedKeys.attach(bench, lease, keys, END_MAX, prefix);
    AtomicInteger gone = new AtomicInteger();
    Watchers watchers =
        WatchScenarios.await(
            Watchers.open(
                bench.links(Route.FOLLOWER, 1).get(0),
                1,
                any -> Watchers.prefix(prefix),
                (event, nowNanos) -> gone.incrementAndGet()));
    byte[] put = PutRequest.newBuilder().setKey(OTHER_KEY).build().toByteArray();
    byte[] read = RangeRequest.newBuilder().setKey(OTHER_KEY).build().toByteArray();
    byte[] revoke = LeaseRevokeRequest.newBuilder().setID(lease.firstId()).build().toByteArray();
    try (Load puts = load(bench, EtcdMethods.PUT, put);
        Load reads = load(bench, EtcdMethods.RANGE, read)) {
      boolean unusedLeft =
          puts.run(Duration.ofSeconds(warmUpSeconds), bench.progress().about("warming up"));
      var unusedPuts = puts.cut();
      var unusedReads = reads.cut();
      CpuTimes before = bench.cpuTimes();
      long beginNanos = System.nanoTime();
      long unusedRevoked =
          bench.prepare("revoking", EtcdMethods.REVOKE, 1, 1, END_MAX, any -> revoke);
      double revokeMillis = (System.nanoTime() - beginNanos) / 1e6;
      boolean unusedGone = bench.await("waiting for events", END_MAX, () -> gone.get() >= keys);
      double toldMillis = (System.nanoTime() - beginNanos) / 1e6;
      boolean unusedAfter = puts.run(AFTERMATH, bench.progress().about("afterwards"));
      Account putAccount = puts.cut();
      Account readAccount = reads.cut();
      watchers.close();
      List<Figure> figures = new ArrayList<>();
      figures.add(Figure.lower("revokeMillis", revokeMillis));
      figures.add(Figure.lower("lastEventMillis", toldMillis));
      figures.addAll(Result.figures("puts", putAccount.latencies()));
      figures.addAll(Result.figures("reads", readAccount.latencies()));
      figures.add(Figure.fact("events", gone.get()));
      figures.add(Figure.fact("keys", keys));
      putAccount.add(readAccount);
      return Result.of(
          bench.scenario(),
          warmUpSeconds,
          putAccount.seconds(),
          figures,
          putAccount,
          bench.cpuSince(before));
    }
  }

  private static Load load(Bench bench, Method method, byte[] request) throws InterruptedException {
    return Load.start(
        Bench.unaryLanes(
            bench.links(Route.ALL, CONNECTIONS),
            IN_FLIGHT,
            method,
            Tickets.unlimited(),
            any -> request),
        CALLS_PER_SECOND);
  }
}
