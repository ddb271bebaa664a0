package io.leasehold.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Prints how long leases that expire together take to be gone, and how renewals of other leases
 * fare meanwhile. Argument: number of leases, 100 000 unless given.
 */
public final class ExpiryBench {
  private static final int RENEWED = 1000;
  private static final long TTL_SECONDS = 60;

  private ExpiryBench() {}

  public static void main(String[] args) throws Exception {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    Path home = Files.createTempDirectory("leasehold-bench");
    try (Cluster cluster = Cluster.start(home, "1g", 3);
        RenewalLoad load =
            new RenewalLoad(cluster.members(), Duration.ofSeconds(30), Duration.ofSeconds(1))) {
      var unused = Grants.many(cluster.members(), RENEWED, 30, 64, load::add);
      long begunNanos = System.nanoTime();
      List<Long> expiring = Grants.many(cluster.members(), count, TTL_SECONDS, 1024);
      double grantSeconds = (System.nanoTime() - begunNanos) / 1e9;
      System.out.printf(
          "%,d leases of %d s granted in %.1f s (%,.0f a second)%n",
          count, TTL_SECONDS, grantSeconds, count / grantSeconds);
      // One round of renewals moves all deadlines to within the second that the round takes.
      Deadlines deadlines = Deadlines.renewAll(cluster.leader(), expiring);
      System.out.printf(
          "renewed once, all deadlines within %.2f s%n", deadlines.spreadNanos() / 1e9);
      Conditions.letPass(
          Duration.ofNanos(
              deadlines.firstAnswerNanos()
                  + Duration.ofSeconds(TTL_SECONDS - 1).toNanos()
                  - System.nanoTime()));
      load.resetFigures();
      Set<Long> ids = new HashSet<>(expiring);
      MemberProcess member = cluster.follower();
      Conditions.await(
          "all leases have ended",
          Duration.ofMinutes(2),
          () -> MetricsPage.value(member, "leasehold_leases") <= RENEWED);
      long goneNanos = System.nanoTime();
      double afterSeconds = (goneNanos - deadlines.lastAnswerNanos() - TTL_SECONDS * 1e9) / 1e9;
      ids.retainAll(Cluster.leaseIds(member));
      System.out.printf(
          "all %,d gone %.2f s after the last deadline; left: %d%n",
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
