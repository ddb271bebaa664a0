package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.bench.cluster.BenchException;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What others feel when a lease ends that carries very many keys. */
final class ManyKeysScenarios {
  private static final int KEYS = 100_000;

  /** Long enough to attach all keys on the slowest machine that is of interest. */
  private static final long TTL_SECONDS = 45;

  private static final int CONNECTIONS = 6;
  private static final int IN_FLIGHT = 64;
  private static final double CALLS_PER_SECOND = 100;
  private static final int OTHERS = 1_000;
  private static final int OTHERS_STREAMS = 6;
  private static final double RENEWALS_PER_SECOND = 1_000;
  private static final int WARM_UP_SECONDS = 20;
  private static final Duration ATTACH_MAX = Duration.ofMinutes(5);
  private static final Duration END_MAX = Duration.ofMinutes(2);

  /** What follows the end itself: memtables are flushed, watchers told. */
  private static final Duration AFTERMATH = Duration.ofSeconds(1);

  private static final ByteString OTHER_KEY = ByteString.copyFromUtf8("other");

  private ManyKeysScenarios() {}

  static List<Scenario> all() {
    String what = "renewals, puts and reads of others while a lease with " + KEYS + " keys ";
    return List.of(
        Scenario.any(
            "revoke-many-keys", what + "is revoked", bench -> run(bench, Bench.LONG_TTL_SECONDS)),
        Scenario.any("expiry-many-keys", what + "expires", bench -> run(bench, TTL_SECONDS)));
  }

  /** A lease with a long TTL is revoked, another expires. */
  private static Result run(Bench bench, long ttlSeconds) throws InterruptedException {
    int warmUpSeconds = bench.warmUpSeconds(WARM_UP_SECONDS);
    LeaseRange others = bench.grant(OTHERS);
    try (Load renewals =
            Load.start(
                RenewalScenarios.lanes(
                    others,
                    bench.links(Route.ALL, OTHERS_STREAMS),
                    OTHERS_STREAMS,
                    OTHERS / OTHERS_STREAMS),
                RENEWALS_PER_SECOND);
        Load puts =
            load(
                bench,
                EtcdMethods.PUT,
                PutRequest.newBuilder().setKey(OTHER_KEY).build().toByteArray());
        Load reads =
            load(
                bench,
                EtcdMethods.RANGE,
                RangeRequest.newBuilder().setKey(OTHER_KEY).build().toByteArray())) {
      boolean unused =
          renewals.run(Duration.ofSeconds(warmUpSeconds), bench.progress().about("warming up"));
      ManyKeys ending = new ManyKeys(bench, ttlSeconds);
      var unusedRenewals = renewals.cut();
      var unusedPuts = puts.cut();
      var unusedReads = reads.cut();
      CpuTimes before = bench.cpuTimes();
      List<Figure> figures = new ArrayList<>(ending.end());
      boolean unusedAfter = renewals.run(AFTERMATH, bench.progress().about("afterwards"));
      Account all = renewals.cut();
      figures.addAll(Result.figures("renewals", all.latencies()));
      Account put = puts.cut();
      figures.addAll(Result.figures("puts", put.latencies()));
      Account read = reads.cut();
      figures.addAll(Result.figures("reads", read.latencies()));
      all.add(put);
      all.add(read);
      return Result.of(
          bench.scenario(), warmUpSeconds, all.seconds(), figures, all, bench.cpuSince(before));
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

  /** The lease, and a watcher at a follower who counts its keys as they go. */
  private static final class ManyKeys {
    private final Bench bench;
    private final boolean expires;
    private final LeaseRange lease;
    private final AtomicInteger gone = new AtomicInteger();
    private final long dueNanos;

    ManyKeys(Bench bench, long ttlSeconds) throws InterruptedException {
      this.bench = bench;
      this.expires = ttlSeconds == TTL_SECONDS;
      this.dueNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(ttlSeconds);
      this.lease = bench.grant(1, ttlSeconds, ATTACH_MAX);
      ByteString prefix = ByteString.copyFromUtf8("many/" + lease.firstId() + "/");
      int attached = AttachedKeys.attach(bench, lease, KEYS, ATTACH_MAX, prefix);
      if (attached != 1) {
        throw new BenchException("attaching " + KEYS + " keys took too long");
      }
      Watchers unused =
          WatchScenarios.await(
              Watchers.open(
                  bench.links(Route.FOLLOWER, 1).get(0),
                  1,
                  any -> Watchers.prefix(prefix),
                  // A follower may still be told of the last puts.
                  (event, nowNanos) -> {
                    if (event.getType() == Event.EventType.DELETE) {
                      gone.incrementAndGet();
                    }
                  }));
      if (expires) {
        long leftNanos = dueNanos - System.nanoTime() - TimeUnit.SECONDS.toNanos(1);
        boolean unusedWait =
            bench.await("waiting for the end", Duration.ofNanos(leftNanos), () -> false);
      }
    }

    /** Lets it end, and returns how long that took. */
    List<Figure> end() throws InterruptedException {
      long beginNanos = System.nanoTime();
      List<Figure> figures = new ArrayList<>();
      if (expires) {
        beginNanos = dueNanos;
      } else {
        byte[] revoke =
            LeaseRevokeRequest.newBuilder().setID(lease.firstId()).build().toByteArray();
        long unused = bench.prepare("revoking", EtcdMethods.REVOKE, 1, 1, END_MAX, any -> revoke);
        figures.add(Figure.lower("revokeMillis", (System.nanoTime() - beginNanos) / 1e6));
      }
      boolean unusedGone = bench.await("waiting for events", END_MAX, () -> gone.get() >= KEYS);
      figures.add(Figure.lower("lastEventMillis", (System.nanoTime() - beginNanos) / 1e6));
      figures.add(Figure.fact("events", gone.get()));
      figures.add(Figure.fact("keys", KEYS));
      return figures;
    }
  }
}
