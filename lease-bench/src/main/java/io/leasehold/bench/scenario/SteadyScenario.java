package io.leasehold.bench.scenario;

import io.grpc.Status;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.load.Account;
import io.leasehold.bench.load.Latencies;
import io.leasehold.bench.load.Load;
import io.leasehold.bench.measure.CpuTimes;
import io.leasehold.bench.measure.ResidentMemory;
import io.leasehold.bench.report.Figure;
import io.leasehold.bench.report.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An ordinary day, for ten minutes: many leases renewed every third of their TTL through all
 * members, while others are granted and locks go from hand to hand.
 */
final class SteadyScenario {
  private static final int LEASES = 100_000;
  private static final long TTL_SECONDS = 30;
  private static final int RENEWALS_OF_TTL = 3;
  private static final double GRANTS_PER_SECOND = 500;

  /** Granted leases end by themselves meanwhile. */
  private static final long GRANTED_TTL_SECONDS = 10;

  private static final double LOCKS_PER_SECOND = 500;
  private static final int STREAMS = 48;
  private static final int OUTSTANDING = 64;
  private static final int IN_FLIGHT = 256;
  private static final int CONNECTIONS = 12;
  private static final int WARM_UP_SECONDS = 60;
  private static final int SECONDS = 600;
  private static final int SECONDS_OF_SPAN = 60;
  private static final int GRANT_SECONDS_MAX = 20;
  private static final double BYTES_IN_MEBIBYTE = 1 << 20;

  private SteadyScenario() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.fresh(
            "steady",
            "ten minutes of "
                + LEASES
                + " leases renewed every third of "
                + TTL_SECONDS
                + " s, 500 grants/s and 500 locks/s",
            SteadyScenario::run));
  }

  private static Result run(Bench bench) throws InterruptedException {
    // What is not granted in less than a TTL could not be kept alive either.
    LeaseRange leases =
        bench.grant(bench.leases(LEASES), TTL_SECONDS, Duration.ofSeconds(GRANT_SECONDS_MAX));
    byte[] grant = LeaseGrantRequest.newBuilder().setTTL(GRANTED_TTL_SECONDS).build().toByteArray();
    int streams = Math.min(STREAMS, leases.count());
    int outstanding = Math.max(1, Math.min(OUTSTANDING, leases.count() / streams));
    double renewalsPerSecond = (double) leases.count() * RENEWALS_OF_TTL / TTL_SECONDS;
    try (Load renewals =
            Load.start(
                RenewalScenarios.lanes(
                    leases, bench.links(Route.ALL, CONNECTIONS), streams, outstanding),
                renewalsPerSecond);
        Load grants =
            Load.start(
                Bench.unaryLanes(
                    bench.links(Route.ALL, CONNECTIONS),
                    IN_FLIGHT,
                    EtcdMethods.GRANT,
                    Tickets.unlimited(),
                    any -> grant),
                GRANTS_PER_SECOND);
        Load locks =
            Load.start(LockScenarios.lanes(bench, IN_FLIGHT, IN_FLIGHT), LOCKS_PER_SECOND)) {
      return measure(bench, leases.count(), renewals, grants, locks);
    }
  }

  private static Result measure(Bench bench, int leaseCount, Load renewals, Load grants, Load locks)
      throws InterruptedException {
    int warmUpSeconds = bench.warmUpSeconds(WARM_UP_SECONDS);
    boolean unusedLeft =
        renewals.run(Duration.ofSeconds(warmUpSeconds), bench.progress().about("warming up"));
    Account warmUp = renewals.cut();
    warmUp.append(grants.cut());
    warmUp.append(locks.cut());
    int seconds = bench.seconds(SECONDS);
    Account all = new Account();
    // A figure a minute: how bad the worst minute was says more than ten minutes together.
    Latencies ofSpans = new Latencies();
    CpuTimes before = bench.cpuTimes();
    double residentBegin = resident(bench);
    double residentHalf = residentBegin;
    for (int begun = 0; begun < seconds; begun += SECONDS_OF_SPAN) {
      if (begun * 2 <= seconds) {
        residentHalf = resident(bench);
      }
      Duration span = Duration.ofSeconds(Math.min(SECONDS_OF_SPAN, seconds - begun));
      boolean unused = renewals.run(span, bench.progress().about("minute " + begun / 60));
      Account account = renewals.cut();
      ofSpans.record((long) (account.latencies().millis(99.9) * 1e6));
      all.append(account);
    }
    Account granted = grants.cut();
    Account locked = locks.cut();
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.lower("worstMinute.p99.9Millis", ofSpans.maxMillis()));
    figures.addAll(Result.figures("renewals", all.latencies()));
    figures.addAll(Result.figures("grants", granted.latencies()));
    figures.addAll(Result.figures("locks", locked.latencies()));
    figures.add(Figure.fact("renewals", all.operations()));
    figures.add(Figure.fact("grants", granted.operations()));
    figures.add(Figure.fact("locks", locked.operations()));
    figures.add(
        Figure.fact(
            "leasesLost",
            all.errors().getOrDefault(Status.Code.NOT_FOUND, 0L)
                + warmUp.errors().getOrDefault(Status.Code.NOT_FOUND, 0L)));
    figures.add(Figure.fact("leases", leaseCount));
    figures.add(Figure.fact("residentMebibytes.begin", residentBegin));
    figures.add(Figure.fact("residentMebibytes.half", residentHalf));
    figures.add(Figure.lower("residentMebibytes.end", resident(bench)));
    all.add(granted);
    all.add(locked);
    return Result.of(
        bench.scenario(), warmUpSeconds, seconds, figures, all, bench.cpuSince(before));
  }

  /** Of all members together, in MiB. */
  private static double resident(Bench bench) {
    double bytes = 0;
    for (BenchMember member : bench.cluster().members()) {
      bytes += ResidentMemory.bytesOf(member.pid());
    }
    return bytes / BYTES_IN_MEBIBYTE;
  }
}
