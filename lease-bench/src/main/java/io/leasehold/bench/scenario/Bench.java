package io.leasehold.bench.scenario;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.bench.cluster.BenchCluster;
import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.etcd.UnaryLane;
import io.leasehold.bench.load.Account;
import io.leasehold.bench.load.Lane;
import io.leasehold.bench.load.Load;
import io.leasehold.bench.measure.CpuTimes;
import io.leasehold.bench.measure.CpuUse;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.wire.EventLoops;
import io.leasehold.bench.wire.Link;
import io.leasehold.bench.wire.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tools of a scenario while it runs: the cluster, connections, leases to work with, and the
 * measuring itself. Main thread only.
 */
public final class Bench implements AutoCloseable {
  /** JVMs compile what is new to them; etcd gets the same time. */
  private static final int WARM_UP_SECONDS = 10;

  /** Members that have just started have everything to compile, on few processors. */
  private static final int FIRST_WARM_UP_SECONDS = 30;

  private static final int SECONDS = 10;
  private static final int CONNECT_SECONDS_MAX = 10;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long SAY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Together they keep the log busy without standing in line for long. */
  private static final int PREPARE_IN_FLIGHT = 512;

  private static final int PREPARE_CONNECTIONS = 4;

  /** As long as a run may take: prepared leases are to end by nobody's clock. */
  static final long LONG_TTL_SECONDS = 86_400;

  /** Ranges of leases are told apart by it, also from those of an earlier program's runs. */
  private static final int RUN = ThreadLocalRandom.current().nextInt();

  private static final AtomicInteger RANGES = new AtomicInteger();

  private final Scenario scenario;
  private final BenchCluster cluster;
  private final EventLoops loops;
  private final Options options;
  private final boolean isFirst;
  private final Progress progress;
  private final List<Link> links = new ArrayList<>();
  private int nextLoop;

  /**
   * @param isFirst whether the members have just started
   */
  public Bench(
      Scenario scenario,
      BenchCluster cluster,
      EventLoops loops,
      Options options,
      boolean isFirst,
      Progress progress) {
    this.scenario = scenario;
    this.cluster = cluster;
    this.loops = loops;
    this.options = options;
    this.isFirst = isFirst;
    this.progress = progress;
  }

  String scenario() {
    return scenario.name();
  }

  BenchCluster cluster() {
    return cluster;
  }

  Progress progress() {
    return progress;
  }

  int seconds(int byDefault) {
    return options.seconds() == 0 ? byDefault : options.seconds();
  }

  int warmUpSeconds() {
    return warmUpSeconds(isFirst ? FIRST_WARM_UP_SECONDS : WARM_UP_SECONDS);
  }

  int warmUpSeconds(int byDefault) {
    return options.warmUpSeconds() == -1 ? byDefault : options.warmUpSeconds();
  }

  int leases(int byDefault) {
    return options.leases() == 0 ? byDefault : options.leases();
  }

  /** Opens connections to members, which close with the bench. */
  List<Link> links(Route byDefault, int count) throws InterruptedException {
    Route route = options.route();
    return links((route == null ? byDefault : route).members(cluster), count);
  }

  /** Opens connections to certain members, in turn. */
  List<Link> links(List<BenchMember> members, int count) throws InterruptedException {
    List<CompletableFuture<Link>> opening = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      opening.add(Link.open(nextLoop(), members.get(i % members.size()).address()));
    }
    return opened(opening);
  }

  /** Opens a connection to each of these members, all on one event loop. */
  List<Link> linksTogether(List<BenchMember> members) throws InterruptedException {
    EventLoop loop = nextLoop();
    return opened(members.stream().map(member -> Link.open(loop, member.address())).toList());
  }

  private EventLoop nextLoop() {
    return loops.all().get(nextLoop++ % loops.all().size());
  }

  private List<Link> opened(List<CompletableFuture<Link>> opening) throws InterruptedException {
    List<Link> opened = new ArrayList<>();
    for (CompletableFuture<Link> each : opening) {
      try {
        opened.add(each.get(CONNECT_SECONDS_MAX, TimeUnit.SECONDS));
      } catch (ExecutionException | TimeoutException e) {
        throw new BenchException("cannot connect: " + e.getMessage(), e);
      }
    }
    links.addAll(opened);
    return opened;
  }

  /** Returns lanes that share the calls of a method, spread over links. */
  static List<UnaryLane> unaryLanes(
      List<Link> over,
      int inFlight,
      Method method,
      Tickets tickets,
      LongFunction<byte @Nullable []> requests) {
    List<UnaryLane> lanes = new ArrayList<>();
    for (int i = 0; i < inFlight; i++) {
      lanes.add(new UnaryLane(over.get(i % over.size()), method, tickets, requests));
    }
    return lanes;
  }

  /** Returns leases that are yet to be granted. */
  LeaseRange newRange(int count) {
    return LeaseRange.numbered(RUN, RANGES.getAndIncrement(), count);
  }

  /** Grants leases of a range of their own, all of them or as many as there is time for. */
  LeaseRange grant(int count, long ttlSeconds, Duration max) throws InterruptedException {
    LeaseRange range = newRange(count);
    long granted =
        prepare(
            "granting " + count + " leases",
            EtcdMethods.GRANT,
            PREPARE_IN_FLIGHT,
            count,
            max,
            i ->
                LeaseGrantRequest.newBuilder()
                    .setID(range.id((int) i))
                    .setTTL(ttlSeconds)
                    .build()
                    .toByteArray());
    return new LeaseRange(range.firstId(), Math.toIntExact(granted));
  }

  LeaseRange grant(int count) throws InterruptedException {
    return grant(count, LONG_TTL_SECONDS, Duration.ofMinutes(30));
  }

  /**
   * Makes calls numbered from 0, in any order, and returns how many were made when all are done or
   * the time is over. Throws when one fails.
   */
  long prepare(
      String what,
      Method method,
      int inFlightMax,
      long count,
      Duration max,
      LongFunction<byte[]> requests)
      throws InterruptedException {
    Tickets tickets = Tickets.upTo(count);
    List<Link> over = links(List.of(cluster.leader()), PREPARE_CONNECTIONS);
    int inFlight = (int) Math.min(inFlightMax, count);
    try (Load load = Load.closedLoop(unaryLanes(over, inFlight, method, tickets, requests))) {
      boolean unused = load.run(max, progress.about(what));
      load.stop();
      Account account = load.cut();
      if (account.errorCount() > 0) {
        throw new BenchException(what + ": " + account.firstError());
      }
    } finally {
      over.forEach(Link::close);
      links.removeAll(over);
    }
    return tickets.given();
  }

  /** Warms up, measures, and returns the usual figures. */
  Result measure(Collection<? extends Lane> lanes) throws InterruptedException {
    return measure(lanes, warmUpSeconds(), seconds(SECONDS));
  }

  Result measure(Collection<? extends Lane> lanes, int warmUpSeconds, int seconds)
      throws InterruptedException {
    try (Load load = Load.start(lanes, options.ratePerSecond())) {
      boolean isLeft = load.run(Duration.ofSeconds(warmUpSeconds), progress.about("warming up"));
      if (!isLeft) {
        throw new BenchException("nothing left to measure after the warm-up: ask for more leases");
      }
      var unused = load.cut();
      CpuTimes before = cpuTimes();
      boolean unusedLeft = load.run(Duration.ofSeconds(seconds), progress.about("measuring"));
      Account account = load.cut();
      return Result.of(scenario(), warmUpSeconds, account, cpuSince(before));
    }
  }

  /**
   * Measures what can be done only so often: all of it, unless it takes longer than wanted.
   *
   * @param lanes makes lanes that take their numbers from tickets
   * @param warmUp what comes first, and counts for nothing
   */
  Result measureAll(
      Function<Tickets, ? extends Collection<? extends Lane>> lanes, Tickets warmUp, Tickets rest)
      throws InterruptedException {
    Duration max = Duration.ofSeconds(seconds(SECONDS));
    long beginNanos = System.nanoTime();
    try (Load load = Load.closedLoop(lanes.apply(warmUp))) {
      boolean unused = load.run(max, progress.about("warming up"));
    }
    double warmUpSeconds = (System.nanoTime() - beginNanos) / 1e9;
    CpuTimes before = cpuTimes();
    try (Load load = Load.start(lanes.apply(rest), options.ratePerSecond())) {
      boolean unused = load.run(max, progress.about("measuring"));
      Account account = load.cut();
      return Result.of(scenario(), warmUpSeconds, account, cpuSince(before));
    }
  }

  /** Waits for something; returns whether it came to be before the time was over. */
  boolean await(String what, Duration max, BooleanSupplier condition) throws InterruptedException {
    long beginNanos = System.nanoTime();
    long saidNanos = beginNanos;
    while (!condition.getAsBoolean()) {
      long nowNanos = System.nanoTime();
      if (nowNanos - beginNanos > max.toNanos()) {
        return false;
      }
      if (nowNanos - saidNanos > SAY_NANOS) {
        saidNanos = nowNanos;
        progress.say(what + ": " + TimeUnit.NANOSECONDS.toSeconds(nowNanos - beginNanos) + " s");
      }
      LockSupport.parkNanos(POLL_NANOS);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return true;
  }

  CpuTimes cpuTimes() {
    return CpuTimes.now(cluster.pids());
  }

  CpuUse cpuSince(CpuTimes before) {
    return cpuTimes().since(before);
  }

  @Override
  public void close() {
    links.forEach(Link::close);
  }
}
