package io.leasehold.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints how long leases that expire together take to be gone, and how renewals of other leases
 * fare meanwhile. Argument: number of leases, 100 000 unless given.
 */
public final class ExpiryBench {
  private static final int RENEWED = 1000;

  /** Few enough that a grant's own time spreads the deadlines little. */
  private static final int IN_FLIGHT = 256;

  private static final int WARM_UP = 10_000;
  private static final long SECOND_NANOS = 1_000_000_000;

  /** For each lease to be granted, on the slowest machine that is of interest. */
  private static final long GRANT_NANOS = 500_000;

  private static final long MARGIN_NANOS = 20 * SECOND_NANOS;

  private ExpiryBench() {}

  public static void main(String[] args) throws Exception {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    Path home = Files.createTempDirectory("leasehold-bench");
    try (Cluster cluster = Cluster.start(home, "1g", 3);
        RenewalLoad load =
            new RenewalLoad(cluster.members(), Duration.ofSeconds(30), Duration.ofSeconds(1))) {
      var unused = Grants.many(cluster.members(), RENEWED, 30, 64, load::add);
      var unusedWarmUp = Grants.many(cluster.members(), WARM_UP, 2, IN_FLIGHT);
      long begunNanos = System.nanoTime();
      long endNanos = begunNanos + count * GRANT_NANOS + MARGIN_NANOS;
      AtomicLong firstNanos = new AtomicLong(Long.MAX_VALUE);
      AtomicLong lastNanos = new AtomicLong();
      List<Long> expiring =
          Grants.many(
              cluster.members(),
              count,
              () -> (endNanos - System.nanoTime()) / SECOND_NANOS,
              IN_FLIGHT,
              response -> {
                long sinceBegun = System.nanoTime() - begunNanos;
                long deadline = sinceBegun + response.getTTL() * SECOND_NANOS;
                firstNanos.accumulateAndGet(deadline, Math::min);
                lastNanos.accumulateAndGet(deadline, Math::max);
              });
      double grantSeconds = (System.nanoTime() - begunNanos) / 1e9;
      System.out.printf(
          "%,d leases granted in %.1f s (%,.0f a second), to end within %.2f s of each other%n",
          count, grantSeconds, count / grantSeconds, (lastNanos.get() - firstNanos.get()) / 1e9);
      Conditions.letPass(
          Duration.ofNanos(begunNanos + firstNanos.get() - SECOND_NANOS - System.nanoTime()));
      load.resetFigures();
      Set<Long> ids = new HashSet<>(expiring);
      MemberProcess member = cluster.follower();
      Conditions.await(
          "all leases have ended",
          Duration.ofMinutes(2),
          () -> MetricsPage.value(member, "leasehold_leases") <= RENEWED);
      long goneNanos = System.nanoTime();
      double afterSeconds = (goneNanos - begunNanos - lastNanos.get()) / 1e9;
      ids.retainAll(Cluster.leaseIds(member));
      System.out.printf(
          "all %,d gone %.2f s after the last deadline (as the client reckons it); left: %d%n",
          count, afterSeconds, ids.size());
      System.out.printf(
          "renewals of %,d other leases meanwhile: %,d answers, p50 %.1f ms, p99 %.1f ms,"
              + " longest pause %d ms, ended: %d%n",
          RENEWED,
          load.answers(),
          load.latencyMillis(50),
          load.latencyMillis(99),
          load.longestPauseMillis(),
          load.ended().size());
    }
    System.exit(0);
  }
}
