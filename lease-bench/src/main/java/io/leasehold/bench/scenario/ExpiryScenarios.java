package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.etcd.ExpiringLeaseLane;
import io.leasehold.bench.etcd.LeaseEnds;
import io.leasehold.bench.etcd.LeaseRange;
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
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/** Leases that nobody renews any more: how late they end, and what others feel of it. */
final class ExpiryScenarios {
  private static final int RANDOM_LEASES = 10_000;
  private static final int RANDOM_SECONDS = 10;

  /** Longer than it takes to grant them all, so that none ends before the last was granted. */
  private static final int RANDOM_TTL_SECONDS = 15;

  /** Of those before: they end while others are granted. */
  private static final long WARM_UP_TTL_SECONDS = 5;

  private static final int CONNECTIONS = 8;
  private static final int IN_FLIGHT = 256;

  /** So many ends are enough for a percentile. */
  private static final int SEEN_MAX = 10_000;

  /** Where leases end slowly, the rest is not waited for. */
  private static final Duration WAIT_MAX = Duration.ofMinutes(2);

  /** Of the leases, so many are granted first and stay, to learn how fast that goes. */
  private static final int TRIAL_PART = 10;

  /** What granting the others may take, by the speed of the first. */
  private static final double GRANT_MARGIN = 1.5;

  private static final long GRANT_MARGIN_SECONDS = 10;
  private static final long TTL_SECONDS_MIN = 2;
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int OTHERS = 1_000;
  private static final double OTHERS_PER_SECOND = 1_000;
  private static final int OTHERS_STREAMS = 8;

  private ExpiryScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.any(
            "expiry-lateness",
            RANDOM_LEASES + " leases due at moments spread over " + RANDOM_SECONDS + " s",
            ExpiryScenarios::lateness),
        drain("expiry-drain-10k", 10_000),
        drain("expiry-drain-100k", 100_000),
        drain("expiry-drain-1m", 1_000_000));
  }

  private static Scenario drain(String name, int leases) {
    return Scenario.fresh(
        name,
        leases + " leases due in the same second, while " + OTHERS + " others are renewed",
        bench -> drain(bench, bench.leases(leases)));
  }

  private static Result lateness(Bench bench) throws InterruptedException {
    int count = bench.leases(RANDOM_LEASES);
    int seconds = bench.seconds(RANDOM_SECONDS);
    double perSecond = (double) count / seconds;
    int warmUpSeconds = bench.warmUpSeconds();
    if (warmUpSeconds > 0) {
      Expiring warmUp = new Expiring(bench, Math.max(1, (int) (perSecond * warmUpSeconds)));
      Account unused = warmUp.grant("warming up", perSecond, any -> WARM_UP_TTL_SECONDS);
      warmUp.awaitEnds();
    }
    Expiring expiring = new Expiring(bench, count);
    CpuTimes before = bench.cpuTimes();
    Account grants = expiring.grant("granting", perSecond, any -> seconds + RANDOM_TTL_SECONDS);
    expiring.awaitEnds();
    List<Figure> figures = expiring.figures();
    return Result.of(
        bench.scenario(), warmUpSeconds, grants.seconds(), figures, grants, bench.cpuSince(before));
  }

  private static Result drain(Bench bench, int count) throws InterruptedException {
    LeaseRange others = bench.grant(OTHERS);
    List<Link> links = bench.links(Route.ALL, OTHERS_STREAMS);
    Expiring expiring = new Expiring(bench, count);
    long trialNanos = System.nanoTime();
    var unused = bench.grant(Math.max(1, count / TRIAL_PART));
    long grantNanos =
        (long) ((System.nanoTime() - trialNanos) * TRIAL_PART * GRANT_MARGIN)
            + GRANT_MARGIN_SECONDS * SECOND_NANOS;
    try (Load renewals =
        Load.start(
            RenewalScenarios.lanes(others, links, OTHERS_STREAMS, OTHERS / OTHERS_STREAMS),
            OTHERS_PER_SECOND)) {
      long endNanos = System.nanoTime() + grantNanos;
      Account grants =
          expiring.grant(
              "granting",
              0,
              nowNanos -> Math.max(TTL_SECONDS_MIN, (endNanos - nowNanos) / SECOND_NANOS));
      expiring.awaitFirst();
      var unusedBefore = renewals.cut();
      CpuTimes before = bench.cpuTimes();
      expiring.awaitEnds();
      Account meanwhile = renewals.cut();
      List<Figure> figures = new ArrayList<>(expiring.figures());
      figures.addAll(Result.figures("others", meanwhile.latencies()));
      figures.add(Figure.lower("others.longestGapMillis", meanwhile.longestGapMillis()));
      figures.add(Figure.fact("grantedPerSecond", grants.perSecond()));
      return Result.of(
          bench.scenario(), 0, meanwhile.seconds(), figures, meanwhile, bench.cpuSince(before));
    }
  }

  /** Leases on their way to their end, and a watcher at the leader who waits for it. */
  private static final class Expiring {
    private final Bench bench;
    private final int count;
    private final LeaseEnds ends;
    private final LeaseRange leases;
    private final List<Link> links;

    Expiring(Bench bench, int count) throws InterruptedException {
      this.bench = bench;
      this.count = count;
      this.leases = bench.newRange(count);
      ByteString prefix = ByteString.copyFromUtf8("expiring/" + leases.firstId() + "/");
      this.ends = new LeaseEnds(prefix, count, Math.max(1, count / SEEN_MAX));
      BenchMember leader = bench.cluster().leader();
      // What is granted and what is seen meet on one event loop.
      this.links = bench.linksTogether(Collections.nCopies(CONNECTIONS + 1, leader));
      Watchers unused =
          WatchScenarios.await(
              Watchers.open(
                  links.get(CONNECTIONS), 1, any -> Watchers.prefix(prefix), ends::event));
    }

    Account grant(String what, double ratePerSecond, LongUnaryOperator ttlSeconds)
        throws InterruptedException {
      Tickets tickets = Tickets.upTo(count);
      List<ExpiringLeaseLane> lanes = new ArrayList<>();
      for (int i = 0; i < Math.min(IN_FLIGHT, count); i++) {
        lanes.add(
            new ExpiringLeaseLane(links.get(i % CONNECTIONS), tickets, leases, ttlSeconds, ends));
      }
      try (Load load = Load.start(lanes, ratePerSecond)) {
        boolean unused = load.run(Duration.ofHours(1), bench.progress().about(what));
        Account grants = load.cut();
        if (grants.errorCount() > 0) {
          throw new BenchException("granting: " + grants.firstError());
        }
        return grants;
      }
    }

    /** Waits until just before the first lease is due. */
    void awaitFirst() throws InterruptedException {
      long untilNanos = ends.firstDueNanos() - SECOND_NANOS - System.nanoTime();
      if (untilNanos < 0) {
        throw new BenchException("leases were due before all had been granted");
      }
      boolean unused =
          bench.await("waiting for the first", Duration.ofNanos(untilNanos), () -> false);
    }

    /** Waits until all ends were seen, or the time is over. */
    void awaitEnds() throws InterruptedException {
      Duration max = WAIT_MAX.plusNanos(Math.max(0, ends.lastDueNanos() - System.nanoTime()));
      boolean unused =
          bench.await(
              "waiting for " + ends.expected() + " ends",
              max,
              () -> ends.seen() == ends.expected());
    }

    List<Figure> figures() {
      List<Figure> figures = new ArrayList<>(Result.figures("lateness", ends.lateness()));
      figures.add(Figure.lower("lastEndSeconds", ends.lastEndSeconds()));
      figures.add(Figure.fact("earliestMillis", ends.earliestMillis()));
      figures.add(Figure.fact("seen", ends.seen()));
      figures.add(Figure.fact("expected", ends.expected()));
      figures.add(Figure.fact("leases", count));
      return figures;
    }
  }
}
