package io.leasehold.bench.scenario;

import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.bench.cluster.BenchException;
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
import java.util.concurrent.TimeUnit;

/** What many leases take: memory, time to start, pauses while a snapshot is made. */
final class SizeScenarios {
  private static final int LEASES = 1_000_000;
  private static final Duration START_MAX = Duration.ofMinutes(5);
  private static final long CALL_SECONDS_MAX = 2;
  private static final double BYTES_IN_MEBIBYTE = 1 << 20;

  /** So that several fall into the time that is measured. */
  private static final List<String> OFTEN = List.of("--snapshot-count", "500");

  private static final int SNAPSHOT_GRANTS_IN_FLIGHT = 64;
  private static final int CONNECTIONS = 16;
  private static final int SNAPSHOT_SECONDS = 30;
  private static final Duration SNAPSHOT_MAX = Duration.ofMinutes(1);
  private static final long TTL_SECONDS = 3600;
  private static final double IDLE_GRANTS_PER_SECOND = 100;

  /** Two of the intervals after which the time is recorded that a lease has left. */
  private static final int IDLE_WARM_UP_SECONDS = 120;

  private static final int IDLE_SECONDS = 60;

  private SizeScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.fresh(
            "memory",
            "memory of the leader for each of " + LEASES + " leases",
            SizeScenarios::memory),
        Scenario.fresh(
            "start",
            "until a member with " + LEASES + " leases serves again, and until all do",
            SizeScenarios::start),
        Scenario.fresh(
            "idle",
            "what "
                + LEASES
                + " leases that nobody renews cost, beside "
                + (int) IDLE_GRANTS_PER_SECOND
                + " grants a second",
            SizeScenarios::idle),
        Scenario.fresh(
                "snapshot",
                "grants with "
                    + LEASES
                    + " leases there, "
                    + SNAPSHOT_GRANTS_IN_FLIGHT
                    + " in flight, a snapshot every 500 entries; void without one",
                SizeScenarios::snapshot)
            .with(OFTEN));
  }

  private static Result memory(Bench bench) throws InterruptedException {
    int count = bench.leases(LEASES);
    BenchMember leader = bench.cluster().leader();
    CpuTimes before = bench.cpuTimes();
    long beginNanos = System.nanoTime();
    // What the first calls bring along belongs to no lease.
    var unusedFirst = bench.grant(Math.max(1, count / 10));
    double heapBefore = JavaHeap.liveBytes(leader.pid());
    double residentBefore = ResidentMemory.bytesOf(leader.pid());
    var unused = bench.grant(count);
    double resident = ResidentMemory.bytesOf(leader.pid());
    double heap = JavaHeap.liveBytes(leader.pid());
    List<Figure> figures =
        List.of(
            Figure.lower("heapBytesEach", (heap - heapBefore) / count),
            Figure.lower("residentBytesEach", (resident - residentBefore) / count),
            Figure.lower("residentMebibytes", resident / BYTES_IN_MEBIBYTE),
            Figure.fact("heapMebibytes", heap / BYTES_IN_MEBIBYTE),
            Figure.fact("leases", count));
    return result(bench, beginNanos, figures, before);
  }

  private static Result start(Bench bench) throws InterruptedException {
    int count = bench.leases(LEASES);
    LeaseRange leases = bench.grant(count);
    long lastId = leases.id(count - 1);
    CpuTimes before = bench.cpuTimes();
    long beginNanos = System.nanoTime();
    List<Figure> figures = new ArrayList<>();
    BenchMember follower = bench.cluster().followers().get(0);
    int unused = follower.process().stop();
    long startNanos = System.nanoTime();
    follower.process().start();
    awaitServing(bench, follower, lastId);
    figures.add(Figure.lower("memberStartSeconds", secondsSince(startNanos)));
    figures.add(Figure.lower("allStartSeconds", restartAll(bench, lastId)));
    figures.add(Figure.fact("leases", count));
    return result(bench, beginNanos, figures, before);
  }

  /** Kills all members; returns how many seconds they take from their start to know a lease. */
  static double restartAll(Bench bench, long leaseId) throws InterruptedException {
    bench.cluster().members().forEach(member -> member.process().kill());
    long startNanos = System.nanoTime();
    bench.cluster().members().forEach(member -> member.process().start());
    for (BenchMember member : bench.cluster().members()) {
      awaitServing(bench, member, leaseId);
    }
    return secondsSince(startNanos);
  }

  /** Waits until a member knows a lease, as its leader does. */
  private static void awaitServing(Bench bench, BenchMember member, long leaseId)
      throws InterruptedException {
    if (!bench.await("waiting for " + member.name(), START_MAX, () -> isServing(member, leaseId))) {
      throw new BenchException(
          member.name() + " does not serve after " + START_MAX.toSeconds() + " s");
    }
  }

  private static boolean isServing(BenchMember member, long leaseId) {
    try {
      member.channel().resetConnectBackoff();
      return LeaseGrpc.newBlockingStub(member.channel())
              .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
              .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(leaseId).build())
              .getTTL()
          > 0;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private static Result idle(Bench bench) throws InterruptedException {
    int count = bench.leases(LEASES);
    var unused = bench.grant(count);
    byte[] request = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build().toByteArray();
    int warmUpSeconds = bench.warmUpSeconds(IDLE_WARM_UP_SECONDS);
    try (Load grants =
        Load.start(
            Bench.unaryLanes(
                bench.links(Route.LEADER, 1),
                CONNECTIONS,
                EtcdMethods.GRANT,
                Tickets.unlimited(),
                any -> request),
            IDLE_GRANTS_PER_SECOND)) {
      boolean unusedLeft =
          grants.run(Duration.ofSeconds(warmUpSeconds), bench.progress().about("warming up"));
      var unusedWarmUp = grants.cut();
      CpuTimes before = bench.cpuTimes();
      boolean unusedMore =
          grants.run(
              Duration.ofSeconds(bench.seconds(IDLE_SECONDS)), bench.progress().about("idle"));
      Account account = grants.cut();
      List<Figure> figures = new ArrayList<>(Result.figures("grants", account.latencies()));
      figures.add(Figure.fact("leases", count));
      return Result.of(
          bench.scenario(),
          warmUpSeconds,
          account.seconds(),
          figures,
          account,
          bench.cpuSince(before));
    }
  }

  private static Result snapshot(Bench bench) throws InterruptedException {
    int count = bench.leases(LEASES);
    var unused = bench.grant(count);
    byte[] request = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build().toByteArray();
    BenchMember leader = bench.cluster().leader();
    long madeBefore = leader.snapshots();
    Optional<ApplyTimes> applies = ApplyTimes.of(leader);
    CpuTimes before = bench.cpuTimes();
    try (Load load =
        Load.closedLoop(
            Bench.unaryLanes(
                bench.links(Route.LEADER, CONNECTIONS),
                SNAPSHOT_GRANTS_IN_FLIGHT,
                EtcdMethods.GRANT,
                Tickets.unlimited(),
                any -> request))) {
      boolean unusedLeft =
          load.run(
              Duration.ofSeconds(bench.seconds(SNAPSHOT_SECONDS)),
              bench.progress().about("granting"));
      boolean isMade =
          bench.await(
              "waiting for a snapshot", SNAPSHOT_MAX, () -> leader.snapshots() > madeBefore);
      Account account = load.cut();
      if (!isMade) {
        throw new BenchException("the leader made no snapshot: nothing was measured");
      }
      List<Figure> figures = new ArrayList<>();
      figures.add(Figure.fact("snapshotsOfLeader", leader.snapshots() - madeBefore));
      applies.ifPresent(times -> figures.addAll(times.since()));
      figures.add(Figure.lower("longestGapMillis", account.longestGapMillis()));
      figures.add(Figure.higher("perSecond", account.perSecond()));
      figures.addAll(Result.figures("", account.latencies()));
      figures.add(Figure.fact("leases", count));
      return Result.of(
          bench.scenario(), 0, account.seconds(), figures, account, bench.cpuSince(before));
    }
  }

  private static Result result(
      Bench bench, long beginNanos, List<Figure> figures, CpuTimes before) {
    return Result.of(
        bench.scenario(),
        0,
        secondsSince(beginNanos),
        figures,
        new Account(),
        bench.cpuSince(before));
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }
}
