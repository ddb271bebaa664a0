package io.leasehold.bench.scenario;

import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import io.leasehold.bench.etcd.Tickets;
import io.leasehold.bench.load.Account;
import io.leasehold.bench.load.Load;
import io.leasehold.bench.measure.CpuTimes;
import io.leasehold.bench.measure.JavaHeap;
import io.leasehold.bench.measure.ResidentMemory;
import io.leasehold.bench.report.Figure;
import io.leasehold.bench.report.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * As many leases as a small heap holds, on one cluster, since granting them takes minutes: what
 * they take, what others feel of it and of snapshots meanwhile, and how long all members take to
 * have them again.
 */
final class LargeScenario {
  private static final int LEASES = 10_000_000;

  /** Granted before the heap is measured for the first time. */
  private static final int FIRST_LEASES = 10_000;

  /** Several fall into the granting, and a few into the time after it. */
  private static final List<String> SNAPSHOTS = List.of("--snapshot-count", "20000");

  private static final int OTHERS = 1_000;
  private static final int STREAMS = 8;
  private static final double OTHERS_PER_SECOND = 1_000;
  private static final double GRANTS_PER_SECOND = 1_000;
  private static final int GRANTS_IN_FLIGHT = 256;
  private static final int SECONDS = 60;
  private static final double BYTES_IN_MEBIBYTE = 1 << 20;

  private LargeScenario() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.fresh(
                "large",
                LEASES
                    + " leases (give members --heap 2g): memory, grants and renewals with snapshots"
                    + " meanwhile, restart of all",
                LargeScenario::run)
            .with(SNAPSHOTS));
  }

  private static Result run(Bench bench) throws InterruptedException {
    int count = bench.leases(LEASES);
    List<Figure> figures = new ArrayList<>();
    CpuTimes before = bench.cpuTimes();
    LeaseRange others = bench.grant(OTHERS);
    var unusedFirst = bench.grant(FIRST_LEASES);
    BenchMember leader = bench.cluster().leader();
    double heapBefore = JavaHeap.liveBytes(leader.pid());
    Account all;
    try (Load renewals =
        Load.start(
            RenewalScenarios.lanes(
                others, bench.links(Route.ALL, STREAMS), STREAMS, OTHERS / STREAMS),
            OTHERS_PER_SECOND)) {
      long beginNanos = System.nanoTime();
      LeaseRange leases = bench.grant(count);
      figures.add(
          Figure.higher("granting.perSecond", count * 1e9 / (System.nanoTime() - beginNanos)));
      all = renewals.cut();
      figures.addAll(felt("granting.others", all));
      all.append(withSnapshots(bench, renewals, figures));
      leader = bench.cluster().leader();
      double heap = JavaHeap.liveBytes(leader.pid());
      figures.add(Figure.lower("heapBytesEach", (heap - heapBefore) / count));
      figures.add(Figure.fact("heapMebibytes", heap / BYTES_IN_MEBIBYTE));
      figures.add(
          Figure.lower(
              "residentMebibytes", ResidentMemory.bytesOf(leader.pid()) / BYTES_IN_MEBIBYTE));
      renewals.stop();
      figures.add(
          Figure.lower("allStartSeconds", SizeScenarios.restartAll(bench, leases.id(count - 1))));
    }
    figures.add(Figure.fact("leases", count));
    return Result.of(bench.scenario(), 0, all.seconds(), figures, all, bench.cpuSince(before));
  }

  /** A light load, so that whoever has to wait has to wait for the snapshots. */
  private static Account withSnapshots(Bench bench, Load renewals, List<Figure> figures)
      throws InterruptedException {
    byte[] request =
        LeaseGrantRequest.newBuilder().setTTL(Bench.LONG_TTL_SECONDS).build().toByteArray();
    int seconds = bench.seconds(SECONDS);
    BenchMember leader = bench.cluster().leader();
    Optional<ApplyTimes> applies = ApplyTimes.of(leader);
    try (Load grants =
        Load.start(
            Bench.unaryLanes(
                bench.links(Route.ALL, STREAMS),
                GRANTS_IN_FLIGHT,
                EtcdMethods.GRANT,
                Tickets.unlimited(),
                any -> request),
            GRANTS_PER_SECOND)) {
      boolean unused =
          grants.run(Duration.ofSeconds(seconds), bench.progress().about("with snapshots"));
      Account granted = grants.cut();
      Account renewed = renewals.cut();
      applies.ifPresent(times -> figures.addAll(times.since()));
      figures.addAll(felt("snapshots.grants", granted));
      figures.addAll(felt("snapshots.others", renewed));
      renewed.add(granted);
      return renewed;
    }
  }

  private static List<Figure> felt(String who, Account account) {
    List<Figure> figures = new ArrayList<>(Result.figures(who, account.latencies()));
    figures.add(Figure.lower(who + ".longestGapMillis", account.longestGapMillis()));
    return figures;
  }
}
