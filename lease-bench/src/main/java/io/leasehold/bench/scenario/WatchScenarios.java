package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.EventLane;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.etcd.Watchers;
import io.leasehold.bench.load.Account;
import io.leasehold.bench.load.Load;
import io.leasehold.bench.measure.CpuTimes;
import io.leasehold.bench.report.Figure;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.wire.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/** How soon those who watch keys are told that they were put. */
final class WatchScenarios {
  private static final ByteString VALUE = ByteString.copyFrom(new byte[16]);
  private static final int STREAMS_MAX = 10;
  private static final long CREATED_SECONDS_MAX = 60;
  private static final int OWN_KEYS = 10_000;
  private static final int OWN_KEYS_IN_FLIGHT = 64;

  /** As many as etcd takes unless told otherwise. */
  private static final int PUTS_OF_TXN = 128;

  private static final int TXNS_IN_FLIGHT = 16;
  private static final int WARM_UP_SECONDS = 10;
  private static final int SECONDS = 10;
  private static final Duration EVENTS_MAX = Duration.ofSeconds(60);

  private WatchScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.any(
            "put-to-event",
            "from a put at the leader to the event at a follower, one at a time",
            bench -> fanOut(bench, Route.FOLLOWER, 1)),
        fanOut(1_000),
        fanOut(10_000),
        Scenario.any(
            "watch-own-keys",
            "from a put to its event, with "
                + OWN_KEYS
                + " watchers of a key each on all members, "
                + OWN_KEYS_IN_FLIGHT
                + " puts at a time",
            WatchScenarios::ownKeys),
        Scenario.any(
            "watch-events",
            "events that one watcher at a follower is told, of transactions of "
                + PUTS_OF_TXN
                + " puts, "
                + TXNS_IN_FLIGHT
                + " in flight",
            WatchScenarios::events));
  }

  private static Scenario fanOut(int watchers) {
    return Scenario.any(
        "watch-fan-out-" + watchers,
        "from a put to the last of " + watchers + " watchers on all members, one put at a time",
        bench -> fanOut(bench, Route.ALL, watchers));
  }

  private static Result fanOut(Bench bench, Route route, int watchers) throws InterruptedException {
    ByteString key = newPrefix();
    List<Link> links = links(bench, route, Math.min(watchers, STREAMS_MAX));
    EventLane lane = new EventLane(links.get(0), key, VALUE, watchers);
    WatchCreateRequest watch = WatchCreateRequest.newBuilder().setKey(key).build();
    List<Watchers> opened =
        open(bench, links, watchers, any -> watch, (event, nowNanos) -> lane.event(nowNanos));
    Result result = bench.measure(List.of(lane));
    opened.forEach(Watchers::close);
    return result;
  }

  private static Result ownKeys(Bench bench) throws InterruptedException {
    ByteString prefix = newPrefix();
    List<Link> links = links(bench, Route.ALL, STREAMS_MAX);
    Map<ByteString, EventLane> lanes = new HashMap<>();
    for (int i = 0; i < OWN_KEYS_IN_FLIGHT; i++) {
      ByteString key = key(prefix, i * (OWN_KEYS / OWN_KEYS_IN_FLIGHT));
      lanes.put(key, new EventLane(links.get(0), key, VALUE, 1));
    }
    List<Watchers> opened =
        open(
            bench,
            links,
            OWN_KEYS,
            i -> WatchCreateRequest.newBuilder().setKey(key(prefix, i)).build(),
            (event, nowNanos) -> {
              EventLane lane = lanes.get(event.getKv().getKey());
              if (lane != null) {
                lane.event(nowNanos);
              }
            });
    Result result = bench.measure(lanes.values());
    opened.forEach(Watchers::close);
    return result;
  }

  private static Result events(Bench bench) throws InterruptedException {
    ByteString prefix = newPrefix();
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0; i < PUTS_OF_TXN; i++) {
      PutRequest put = PutRequest.newBuilder().setKey(key(prefix, i)).setValue(VALUE).build();
      txn.addSuccess(RequestOp.newBuilder().setRequestPut(put));
    }
    byte[] request = txn.build().toByteArray();
    AtomicLong told = new AtomicLong();
    List<Watchers> opened =
        open(
            bench,
            links(bench, Route.FOLLOWER, 1),
            1,
            any -> Watchers.prefix(prefix),
            (event, nowNanos) -> told.lazySet(told.getPlain() + 1));
    int warmUpSeconds = bench.warmUpSeconds(WARM_UP_SECONDS);
    try (Load load =
        Load.closedLoop(
            Bench.unaryLanes(
                bench.links(Route.LEADER, TXNS_IN_FLIGHT),
                TXNS_IN_FLIGHT,
                EtcdMethods.TXN,
                Tickets.unlimited(),
                any -> request))) {
      boolean unused =
          load.run(Duration.ofSeconds(warmUpSeconds), bench.progress().about("warming up"));
      var unusedWarmUp = load.cut();
      CpuTimes before = bench.cpuTimes();
      long toldBefore = told.get();
      boolean unusedLeft =
          load.run(Duration.ofSeconds(bench.seconds(SECONDS)), bench.progress().about("measuring"));
      Account account = load.cut();
      long toldMeanwhile = told.get() - toldBefore;
      load.stop();
      long stoppedNanos = System.nanoTime();
      if (!bench.await(
          "waiting for events", EVENTS_MAX, () -> told.get() >= load.operations() * PUTS_OF_TXN)) {
        throw new BenchException("events are missing: " + told.get());
      }
      List<Figure> figures = new ArrayList<>();
      figures.add(Figure.higher("putsPerSecond", account.perSecond() * PUTS_OF_TXN));
      figures.add(Figure.higher("eventsPerSecond", toldMeanwhile / account.seconds()));
      figures.add(Figure.lower("behindMillis", (System.nanoTime() - stoppedNanos) / 1e6));
      figures.addAll(Result.figures("txn", account.latencies()));
      opened.forEach(Watchers::close);
      return Result.of(
          bench.scenario(),
          warmUpSeconds,
          account.seconds(),
          figures,
          account,
          bench.cpuSince(before));
    }
  }

  private static ByteString newPrefix() {
    return ByteString.copyFromUtf8(
        "watched/" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + "/");
  }

  private static ByteString key(ByteString prefix, int number) {
    return prefix.concat(ByteString.copyFromUtf8(Integer.toString(number)));
  }

  /** A link to the leader, and those of streams; who puts counts events, on one event loop. */
  private static List<Link> links(Bench bench, Route route, int streams)
      throws InterruptedException {
    List<BenchMember> members = new ArrayList<>(List.of(bench.cluster().leader()));
    List<BenchMember> watched = route.members(bench.cluster());
    for (int i = 0; i < streams; i++) {
      members.add(watched.get(i % watched.size()));
    }
    return bench.linksTogether(members);
  }

  /** Opens watchers on all links but the first. */
  private static List<Watchers> open(
      Bench bench,
      List<Link> links,
      int watchers,
      IntFunction<WatchCreateRequest> requests,
      Watchers.Listener listener)
      throws InterruptedException {
    bench.progress().say("opening " + watchers + " watchers");
    int streams = links.size() - 1;
    List<CompletableFuture<Watchers>> opening = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      int first = watchers * i / streams;
      int count = watchers * (i + 1) / streams - first;
      opening.add(Watchers.open(links.get(i + 1), count, n -> requests.apply(first + n), listener));
    }
    List<Watchers> opened = new ArrayList<>();
    for (CompletableFuture<Watchers> each : opening) {
      opened.add(await(each));
    }
    return opened;
  }

  static <T> T await(CompletableFuture<T> created) throws InterruptedException {
    try {
      return created.get(CREATED_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new BenchException("watchers were not created: " + e.getMessage(), e);
    }
  }
}
