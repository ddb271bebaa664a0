package io.leasehold.cluster;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Prints how fast three members of etcd and three of ours tell watchers of changes: many watchers
 * with one event each, and one watcher with as many events as large transactions make. Asked by the
 * same client on the same machine, in turn. Argument: seconds of transactions, 5 unless given.
 */
public final class WatchBench {
  private static final int ROUNDS = 3;
  private static final int WATCHERS = 10_000;
  private static final int STREAMS = 10;

  /** As many as etcd takes unless told otherwise. */
  private static final int PUTS_OF_TRANSACTION = 128;

  private static final int IN_FLIGHT = 16;
  private static final ByteString VALUE = ByteString.copyFrom(new byte[16]);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration ANSWERS_MAX = Duration.ofSeconds(60);
  private static final double NANOS_IN_MILLI = 1e6;
  private static final double NANOS_IN_SECOND = 1e9;

  /** What is measured, in the order of the table. */
  private enum Figure {
    CREATED(WATCHERS + " watchers on " + STREAMS + " streams, created/s"),
    ONE_KEY("one put that all of them watch, ms to the last event"),
    OWN_KEYS("one put for each of them, ms to the last event"),
    PUTS("puts/s in transactions of " + PUTS_OF_TRANSACTION),
    EVENTS("events/s that one watcher is told meanwhile"),
    BEHIND("ms from the last answer to the last event");

    private final String title;

    Figure(String title) {
      this.title = title;
    }
  }

  private WatchBench() {}

  public static void main(String[] args) throws Exception {
    Duration length = Duration.ofSeconds(args.length > 0 ? Integer.parseInt(args[0]) : 5);
    List<Server> servers = Server.present();
    Path home = Files.createTempDirectory("leasehold-bench");
    Map<Server, Map<Figure, List<Double>>> all = new EnumMap<>(Server.class);
    Map<Server, Cluster> clusters = new EnumMap<>(Server.class);
    try {
      for (Server server : servers) {
        clusters.put(server, Cluster.start(server, home.resolve(server.name())));
        all.put(server, new EnumMap<>(Figure.class));
      }
      for (Server server : servers) {
        measure(clusters.get(server), "warm-up/", WARM_UP, new EnumMap<>(Figure.class));
      }
      for (int round = 1; round <= ROUNDS; round++) {
        for (Server server : servers) {
          System.out.printf("round %d of %d: %s%n", round, ROUNDS, server);
          measure(clusters.get(server), "round" + round + "/", length, all.get(server));
        }
      }
    } finally {
      clusters.values().forEach(Cluster::close);
    }
    print(servers, all);
    System.exit(0);
  }

  private static void measure(
      Cluster cluster, String prefix, Duration length, Map<Figure, List<Double>> figures)
      throws Exception {
    long startNanos = System.nanoTime();
    try (Watchers watchers = Watchers.create(cluster, i -> prefix + "one")) {
      add(figures, Figure.CREATED, WATCHERS * NANOS_IN_SECOND / (System.nanoTime() - startNanos));
      long putNanos = System.nanoTime();
      Keys.put(cluster.leader(), prefix + "one", "v");
      add(figures, Figure.ONE_KEY, watchers.awaitEvents(WATCHERS, putNanos) / NANOS_IN_MILLI);
    }
    try (Watchers watchers = Watchers.create(cluster, i -> prefix + "own/" + i)) {
      long putNanos = System.nanoTime();
      Transactions writer = new Transactions(cluster);
      for (int i = 0; i < WATCHERS; i += PUTS_OF_TRANSACTION) {
        writer.put(prefix + "own/", i, Math.min(WATCHERS, i + PUTS_OF_TRANSACTION));
      }
      writer.awaitAnswers();
      add(figures, Figure.OWN_KEYS, watchers.awaitEvents(WATCHERS, putNanos) / NANOS_IN_MILLI);
    }
    measureOneWatcher(cluster, prefix + "many/", length, figures);
  }

  private static void measureOneWatcher(
      Cluster cluster, String prefix, Duration length, Map<Figure, List<Double>> figures)
      throws Exception {
    try (Watchers watcher = Watchers.createOne(cluster.follower(), prefix)) {
      long startNanos = System.nanoTime();
      long puts = 0;
      Transactions writer = new Transactions(cluster);
      while (System.nanoTime() - startNanos < length.toNanos()) {
        writer.put(prefix, 0, PUTS_OF_TRANSACTION);
        puts += PUTS_OF_TRANSACTION;
      }
      writer.awaitAnswers();
      long answeredNanos = System.nanoTime() - startNanos;
      long toldNanos = watcher.awaitEvents(puts, startNanos);
      add(figures, Figure.PUTS, puts * NANOS_IN_SECOND / answeredNanos);
      add(figures, Figure.EVENTS, puts * NANOS_IN_SECOND / toldNanos);
      add(figures, Figure.BEHIND, Math.max(0, toldNanos - answeredNanos) / NANOS_IN_MILLI);
    }
  }

  /** Transactions through the leader, some in flight. */
  private static final class Transactions {
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final KVGrpc.KVStub stub;

    Transactions(Cluster cluster) {
      this.stub = KVGrpc.newStub(cluster.leader().channel());
    }

    void put(String prefix, int from, int until) throws InterruptedException {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (int i = from; i < until; i++) {
        txn.addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(
                    PutRequest.newBuilder().setKey(Keys.bytes(prefix + i)).setValue(VALUE)));
      }
      acquire(1);
      stub.txn(
          txn.build(),
          new StreamObserver<>() {
            @Override
            public void onNext(TxnResponse response) {}

            @Override
            public void onError(Throwable cause) {
              failure.compareAndSet(null, cause);
              inFlight.release();
            }

            @Override
            public void onCompleted() {
              inFlight.release();
            }
          });
    }

    private void acquire(int permits) throws InterruptedException {
      if (!inFlight.tryAcquire(permits, ANSWERS_MAX.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("transactions are stuck");
      }
      failOnError();
    }

    void awaitAnswers() throws InterruptedException {
      acquire(IN_FLIGHT);
    }

    private void failOnError() {
      Throwable cause = failure.get();
      if (cause != null) {
        throw new AssertionError("a transaction failed", cause);
      }
    }
  }

  /** Watchers on streams of their own, and the number of events they were told. */
  private static final class Watchers implements AutoCloseable {
    private final AtomicLong created = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong lastEventNanos = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<StreamObserver<WatchRequest>> streams = new ArrayList<>();

    /** Spreads the watchers over the streams, and the streams over the members. */
    static Watchers create(Cluster cluster, IntFunction<String> key) {
      Watchers watchers = new Watchers();
      for (int i = 0; i < STREAMS; i++) {
        watchers.open(cluster.member(i % cluster.members().size()));
      }
      for (int i = 0; i < WATCHERS; i++) {
        watchers
            .streams
            .get(i % STREAMS)
            .onNext(create(WatchCreateRequest.newBuilder().setKey(Keys.bytes(key.apply(i)))));
      }
      watchers.awaitCreated(WATCHERS);
      return watchers;
    }

    static Watchers createOne(MemberProcess member, String prefix) {
      Watchers watchers = new Watchers();
      watchers.open(member);
      watchers
          .streams
          .get(0)
          .onNext(
              create(
                  WatchCreateRequest.newBuilder()
                      .setKey(Keys.bytes(prefix))
                      .setRangeEnd(Keys.endOf(prefix))));
      watchers.awaitCreated(1);
      return watchers;
    }

    private static WatchRequest create(WatchCreateRequest.Builder watcher) {
      return WatchRequest.newBuilder().setCreateRequest(watcher).build();
    }

    private void open(MemberProcess member) {
      streams.add(
          WatchGrpc.newStub(member.channel())
              .watch(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(WatchResponse response) {
                      note(response);
                    }

                    @Override
                    public void onError(Throwable cause) {
                      failure.compareAndSet(null, cause);
                    }

                    @Override
                    public void onCompleted() {
                      failure.compareAndSet(null, new AssertionError("the stream was ended"));
                    }
                  }));
    }

    private void note(WatchResponse response) {
      if (response.getCanceled()) {
        failure.compareAndSet(null, new AssertionError("canceled: " + response));
      } else if (response.getCreated()) {
        created.incrementAndGet();
      } else {
        long nowNanos = System.nanoTime();
        lastEventNanos.updateAndGet(last -> last == 0 ? nowNanos : Math.max(last, nowNanos));
        events.addAndGet(response.getEventsCount());
      }
    }

    private void awaitCreated(int count) {
      Conditions.await("watchers are created", ANSWERS_MAX, () -> hasCome(created.get(), count));
    }

    /** Waits for exactly so many events, and returns how long after a time the last one came. */
    long awaitEvents(long count, long sinceNanos) {
      Conditions.await("events are told", ANSWERS_MAX, () -> hasCome(events.get(), count));
      return lastEventNanos.get() - sinceNanos;
    }

    private boolean hasCome(long number, long expected) {
      Throwable cause = failure.get();
      if (cause != null) {
        throw new AssertionError("a watch broke", cause);
      }
      if (number > expected) {
        throw new AssertionError(number + " instead of " + expected);
      }
      return number == expected;
    }

    @Override
    public void close() {
      streams.forEach(
          stream ->
              stream.onError(
                  io.grpc.Status.CANCELLED.withDescription("measured").asRuntimeException()));
    }
  }

  private static void add(Map<Figure, List<Double>> figures, Figure figure, double value) {
    figures.computeIfAbsent(figure, any -> new ArrayList<>()).add(value);
  }

  private static void print(List<Server> servers, Map<Server, Map<Figure, List<Double>>> all) {
    System.out.printf("%nThree members each, median of %d rounds%n%-62s", ROUNDS, "");
    servers.forEach(server -> System.out.printf("%14s", server.name().toLowerCase(Locale.ROOT)));
    System.out.println();
    for (Figure figure : Figure.values()) {
      System.out.printf("%-62s", figure.title);
      for (Server server : servers) {
        List<Double> values = all.get(server).get(figure).stream().sorted().toList();
        System.out.printf("%14.2f", values.get(values.size() / 2));
      }
      System.out.println();
    }
  }
}
