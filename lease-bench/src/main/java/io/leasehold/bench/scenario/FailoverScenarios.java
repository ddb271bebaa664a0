package io.leasehold.bench.scenario;

import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.load.Account;
import io.leasehold.bench.load.Latencies;
import io.leasehold.bench.load.Load;
import io.leasehold.bench.measure.CpuTimes;
import io.leasehold.bench.report.Figure;
import io.leasehold.bench.report.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long nobody has a renewal, or a grant, acknowledged when leadership changes: clients of all
 * members ask at a steady rate, and the longest time without an answer counts.
 */
final class FailoverScenarios {
  private static final int ROUNDS = 5;
  private static final int LEASES = 999;
  private static final int MANY_LEASES = 1_000_000;
  private static final int STREAMS = 3;
  private static final int OUTSTANDING = 128;
  private static final double RENEWALS_PER_SECOND = 1_000;

  /** Few, since those that wait for a member without a leader are not asked again for seconds. */
  private static final double GRANTS_PER_SECOND = 100;

  private static final int GRANTS_IN_FLIGHT = 384;
  private static final long TTL_SECONDS = 600;
  private static final int WARM_UP_SECONDS = 20;
  private static final Duration RECOVERY_MAX = Duration.ofSeconds(60);

  /** So many answers say that it goes on, whoever gave them. */
  private static final long RENEWALS_AFTER = 2_000;

  private static final long GRANTS_AFTER = 100;

  /** How a leader goes. */
  @FunctionalInterface
  private interface Change {
    void begin(Bench bench, BenchMember leader);
  }

  private FailoverScenarios() {}

  static List<Scenario> all() {
    return List.of(
        failover(
            "failover-kill",
            "the leader is killed",
            LEASES,
            ROUNDS,
            (bench, leader) -> leader.process().kill()),
        failover(
            "failover-stop",
            "the leader is told to stop",
            LEASES,
            ROUNDS,
            (bench, leader) -> {
              int unused = leader.process().stop();
            }),
        failover(
            "failover-move",
            "the leader is told to hand over",
            LEASES,
            ROUNDS,
            (bench, leader) -> {
              BenchMember unused = bench.cluster().moveLeader();
            }),
        failover(
            "promotion-1m",
            "the leader of " + MANY_LEASES + " leases is killed",
            MANY_LEASES,
            1,
            (bench, leader) -> leader.process().kill()));
  }

  private static Scenario failover(
      String name, String what, int leases, int rounds, Change change) {
    return Scenario.fresh(
        name,
        "longest gap in renewals and in grants when " + what + ", " + rounds + " times",
        bench -> run(bench, leases, rounds, change));
  }

  private static Result run(Bench bench, int leaseCount, int rounds, Change change)
      throws InterruptedException {
    if (leaseCount > LEASES) {
      var unused = bench.grant(bench.leases(leaseCount) - LEASES);
    }
    LeaseRange leases = bench.grant(LEASES);
    byte[] grant = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build().toByteArray();
    int warmUpSeconds = bench.warmUpSeconds(WARM_UP_SECONDS);
    CpuTimes before = bench.cpuTimes();
    long beginNanos = System.nanoTime();
    try (Load renewals =
            Load.start(
                RenewalScenarios.lanes(
                    leases, bench.linksTogether(bench.cluster().members()), STREAMS, OUTSTANDING),
                RENEWALS_PER_SECOND);
        Load grants =
            Load.start(
                Bench.unaryLanes(
                    bench.linksTogether(bench.cluster().members()),
                    GRANTS_IN_FLIGHT,
                    EtcdMethods.GRANT,
                    Tickets.unlimited(),
                    any -> grant),
                GRANTS_PER_SECOND)) {
      boolean unusedLeft =
          renewals.run(Duration.ofSeconds(warmUpSeconds), bench.progress().about("warming up"));
      Gaps gaps = new Gaps();
      Promotions promotions = new Promotions();
      for (int round = 1; round <= rounds; round++) {
        bench.progress().say("change " + round + " of " + rounds);
        BenchMember leader = bench.cluster().leader();
        var unusedRenewals = renewals.cut();
        var unusedGrants = grants.cut();
        change.begin(bench, leader);
        awaitMore(bench, renewals, RENEWALS_AFTER, "renewals");
        awaitMore(bench, grants, GRANTS_AFTER, "grants");
        gaps.add(renewals.cut(), grants.cut());
        promotions.add(bench.cluster().leader());
        if (!leader.process().isRunning()) {
          leader.process().start();
        }
        bench.cluster().awaitReady();
        awaitMore(bench, renewals, RENEWALS_AFTER, "renewals");
      }
      double seconds = (System.nanoTime() - beginNanos) / 1e9;
      return Result.of(
          bench.scenario(),
          warmUpSeconds,
          seconds,
          Stream.concat(gaps.figures().stream(), promotions.figures().stream()).toList(),
          gaps.renewals,
          bench.cpuSince(before));
    }
  }

  private static void awaitMore(Bench bench, Load load, long more, String what)
      throws InterruptedException {
    long target = load.operations() + more;
    if (!bench.await("waiting for " + what, RECOVERY_MAX, () -> load.operations() >= target)) {
      throw new BenchException("no " + what + " for " + RECOVERY_MAX.toSeconds() + " s");
    }
  }

  /** What new leaders took to set the deadlines of all leases; only Leasehold tells. */
  private static final class Promotions {
    private static final String METRIC = "leasehold_promotion_duration_seconds_max";

    private final Latencies took = new Latencies();

    void add(BenchMember leader) {
      if (leader.isLeasehold()) {
        took.record((long) (leader.metric(METRIC) * TimeUnit.SECONDS.toNanos(1)));
      }
    }

    List<Figure> figures() {
      return took.count() == 0
          ? List.of()
          : List.of(Figure.lower("promotion.maxMillis", took.maxMillis()));
    }
  }

  /** The longest gaps of each round. */
  private static final class Gaps {
    final Account renewals = new Account();
    private final Latencies renewalGaps = new Latencies();
    private final Latencies grantGaps = new Latencies();

    void add(Account renewed, Account granted) {
      renewalGaps.record(nanos(renewed));
      grantGaps.record(nanos(granted));
      renewals.append(renewed);
    }

    private static long nanos(Account account) {
      return (long) (account.longestGapMillis() * TimeUnit.MILLISECONDS.toNanos(1));
    }

    List<Figure> figures() {
      List<Figure> figures = new ArrayList<>();
      figures.add(Figure.lower("renewalGap.medianMillis", renewalGaps.millis(50)));
      figures.add(Figure.lower("renewalGap.maxMillis", renewalGaps.maxMillis()));
      figures.add(Figure.lower("grantGap.medianMillis", grantGaps.millis(50)));
      figures.add(Figure.lower("grantGap.maxMillis", grantGaps.maxMillis()));
      figures.add(Figure.fact("changes", renewalGaps.count()));
      return figures;
    }
  }
}
