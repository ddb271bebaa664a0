package io.leasehold.cluster;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/**
 * Prints how fast three members of etcd and three of ours write, read and tell of changes, asked by
 * the same client on the same machine, in turn. Argument: seconds for each figure, 5 unless given.
 */
public final class KeysBench {
  private static final int ROUNDS = 3;
  private static final int IN_FLIGHT = 64;
  private static final int KEYS = 10_000;
  private static final ByteString VALUE = ByteString.copyFrom(new byte[256]);
  private static final int SINGLE_PUTS = 300;
  private static final Duration EVENT_MAX = Duration.ofSeconds(10);

  /** For each kind of call: the JVMs of three members compile for minutes on few processors. */
  private static final Duration WARM_UP = Duration.ofSeconds(40);

  private static final double MICROS_IN_MILLI = 1000;

  /** What is measured, in the order of the table. */
  private enum Figure {
    PUTS_AT_FIRST("puts/s in the first seconds of a cluster, " + IN_FLIGHT + " in flight"),
    PUTS("puts/s, " + IN_FLIGHT + " in flight"),
    LINEARIZABLE("linearizable ranges/s, " + IN_FLIGHT + " in flight"),
    SERIALIZABLE("serializable ranges/s, " + IN_FLIGHT + " in flight"),
    PUT_MEDIAN("one put at a time, median ms"),
    PUT_P99("one put at a time, 99th percentile ms"),
    WATCH_MEDIAN("from put to event at another member, median ms"),
    WATCH_P99("from put to event at another member, 99th percentile ms");

    private final String title;

    Figure(String title) {
      this.title = title;
    }
  }

  private KeysBench() {}

  public static void main(String[] args) throws Exception {
    Duration each = Duration.ofSeconds(args.length > 0 ? Integer.parseInt(args[0]) : 5);
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
        StatusResponse status = clusters.get(server).leader().status();
        System.out.printf("%s answers as version %s%n", server, status.getVersion());
        add(all.get(server), Figure.PUTS_AT_FIRST, putsPerSecond(clusters.get(server), each));
        measure(clusters.get(server), WARM_UP, new EnumMap<>(Figure.class));
      }
      for (int round = 1; round <= ROUNDS; round++) {
        for (Server server : servers) {
          System.out.printf("round %d of %d: %s%n", round, ROUNDS, server);
          measure(clusters.get(server), each, all.get(server));
        }
      }
    } finally {
      clusters.values().forEach(Cluster::close);
    }
    print(servers, all);
    System.exit(0);
  }

  private static void measure(Cluster cluster, Duration each, Map<Figure, List<Double>> figures)
      throws Exception {
    List<KVGrpc.KVFutureStub> stubs = stubs(cluster);
    add(figures, Figure.PUTS, putsPerSecond(cluster, each));
    add(figures, Figure.LINEARIZABLE, perSecond(each, i -> stub(stubs, i).range(range(i, false))));
    add(figures, Figure.SERIALIZABLE, perSecond(each, i -> stub(stubs, i).range(range(i, true))));

    MemberProcess writer = cluster.leader();
    MemberProcess elsewhere = cluster.follower();
    long[] putMicros = new long[SINGLE_PUTS];
    long[] watchMicros = new long[SINGLE_PUTS];
    try (Watching watching = Watching.prefix(elsewhere, "watched/", 0)) {
      for (int i = 0; i < SINGLE_PUTS; i++) {
        long sentNanos = System.nanoTime();
        Keys.put(writer, "watched/" + i, "value");
        putMicros[i] = (System.nanoTime() - sentNanos) / 1000;
        watching.awaitEvents(i + 1, EVENT_MAX);
        watchMicros[i] = (watching.batches().get(i).atNanos() - sentNanos) / 1000;
      }
    }
    Arrays.sort(putMicros);
    Arrays.sort(watchMicros);
    add(figures, Figure.PUT_MEDIAN, putMicros[SINGLE_PUTS / 2] / MICROS_IN_MILLI);
    add(figures, Figure.PUT_P99, putMicros[SINGLE_PUTS * 99 / 100] / MICROS_IN_MILLI);
    add(figures, Figure.WATCH_MEDIAN, watchMicros[SINGLE_PUTS / 2] / MICROS_IN_MILLI);
    add(figures, Figure.WATCH_P99, watchMicros[SINGLE_PUTS * 99 / 100] / MICROS_IN_MILLI);
  }

  private static double putsPerSecond(Cluster cluster, Duration length) throws Exception {
    List<KVGrpc.KVFutureStub> stubs = stubs(cluster);
    return perSecond(length, i -> stub(stubs, i).put(put(i)));
  }

  private static List<KVGrpc.KVFutureStub> stubs(Cluster cluster) {
    return cluster.members().stream().map(each -> KVGrpc.newFutureStub(each.channel())).toList();
  }

  private static KVGrpc.KVFutureStub stub(List<KVGrpc.KVFutureStub> stubs, int call) {
    return stubs.get(call % stubs.size()).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private static PutRequest put(int call) {
    return PutRequest.newBuilder().setKey(key(call)).setValue(VALUE).build();
  }

  private static RangeRequest range(int call, boolean isSerializable) {
    return RangeRequest.newBuilder().setKey(key(call)).setSerializable(isSerializable).build();
  }

  /** Keys follow each other in no order that a disk would like. */
  private static ByteString key(int call) {
    return Keys.bytes("bench/" + Integer.toUnsignedLong(call * 0x9E3779B9) % KEYS);
  }

  /** Keeps calls in flight for a while and returns how many were answered in a second. */
  private static double perSecond(Duration length, IntFunction<ListenableFuture<?>> call)
      throws Exception {
    Semaphore inFlight = new Semaphore(IN_FLIGHT);
    AtomicLong answered = new AtomicLong();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    long startNanos = System.nanoTime();
    for (int i = 0; System.nanoTime() - startNanos < length.toNanos(); i++) {
      inFlight.acquire();
      ListenableFuture<?> future = call.apply(i);
      future.addListener(
          () -> {
            try {
              Futures.getDone(future);
              answered.incrementAndGet();
            } catch (Exception e) {
              failure.compareAndSet(null, e);
            } finally {
              inFlight.release();
            }
          },
          MoreExecutors.directExecutor());
    }
    inFlight.acquire(IN_FLIGHT);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    if (failure.get() != null) {
      throw new AssertionError("a call failed", failure.get());
    }
    return answered.get() / seconds;
  }

  private static void add(Map<Figure, List<Double>> figures, Figure figure, double value) {
    figures.computeIfAbsent(figure, any -> new ArrayList<>()).add(value);
  }

  private static void print(List<Server> servers, Map<Server, Map<Figure, List<Double>>> all) {
    System.out.printf(
        "%nThree members each, median of %d rounds, values of %d bytes%n%-62s",
        ROUNDS, VALUE.size(), "");
    servers.forEach(
        server -> System.out.printf("%14s", server.name().toLowerCase(java.util.Locale.ROOT)));
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
