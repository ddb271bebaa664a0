package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.etcd.EventLane;
import io.leasehold.bench.etcd.Watchers;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.wire.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How soon those who watch a key are told that it was put. */
final class WatchScenarios {
  private static final ByteString VALUE = ByteString.copyFrom(new byte[16]);
  private static final int STREAMS_MAX = 10;
  private static final long CREATED_SECONDS_MAX = 60;

  private WatchScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.any(
            "put-to-event",
            "from a put at the leader to the event at a follower, one at a time",
            bench -> run(bench, Route.FOLLOWER, 1)),
        fanOut(1_000),
        fanOut(10_000));
  }

  private static Scenario fanOut(int watchers) {
    return Scenario.any(
        "watch-fan-out-" + watchers,
        "from a put to the last of " + watchers + " watchers on all members, one put at a time",
        bench -> run(bench, Route.ALL, watchers));
  }

  private static Result run(Bench bench, Route route, int watchers) throws InterruptedException {
    ByteString key = ByteString.copyFromUtf8("watched/" + ThreadLocalRandom.current().nextLong());
    int streams = Math.min(watchers, STREAMS_MAX);
    List<BenchMember> members = new ArrayList<>(List.of(bench.cluster().leader()));
    List<BenchMember> watched = route.members(bench.cluster());
    for (int i = 0; i < streams; i++) {
      members.add(watched.get(i % watched.size()));
    }
    // The event loop that puts is the one that counts the events.
    List<Link> links = bench.linksTogether(members);
    EventLane lane = new EventLane(links.get(0), key, VALUE, watchers);
    WatchCreateRequest watch = WatchCreateRequest.newBuilder().setKey(key).build();
    List<CompletableFuture<Watchers>> opening = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      int count = watchers * (i + 1) / streams - watchers * i / streams;
      opening.add(
          Watchers.open(
              links.get(i + 1), count, any -> watch, (event, nowNanos) -> lane.event(nowNanos)));
    }
    bench.progress().say("opening " + watchers + " watchers");
    List<Watchers> opened = new ArrayList<>();
    for (CompletableFuture<Watchers> each : opening) {
      opened.add(await(each));
    }
    Result result = bench.measure(List.of(lane));
    opened.forEach(Watchers::close);
    return result;
  }

  static <T> T await(CompletableFuture<T> created) throws InterruptedException {
    try {
      return created.get(CREATED_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new BenchException("watchers were not created: " + e.getMessage(), e);
    }
  }
}
