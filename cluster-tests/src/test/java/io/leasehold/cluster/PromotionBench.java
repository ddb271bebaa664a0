package io.leasehold.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prints how soon after the leader's death a cluster that holds many leases serves renewals again.
 * Argument: number of leases, 1 000 000 unless given.
 */
public final class PromotionBench {
  private static final int RENEWED = 1000;
  private static final Pattern PROMOTED = Pattern.compile("leading term.*leases promoted in.*");

  private PromotionBench() {}

  public static void main(String[] args) throws Exception {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    Path home = Files.createTempDirectory("leasehold-bench");
    try (Cluster cluster = Cluster.start(home, "1500m", 3)) {
      long begunNanos = System.nanoTime();
      var unused = Grants.many(cluster.members(), count, 86_400, 2048);
      double grantSeconds = (System.nanoTime() - begunNanos) / 1e9;
      System.out.printf(
          "%,d leases granted in %.1f s (%,.0f a second)%n",
          count, grantSeconds, count / grantSeconds);
      MemberProcess killed = cluster.leader();
      List<MemberProcess> others =
          cluster.members().stream().filter(member -> member != killed).toList();
      try (RenewalLoad load =
          new RenewalLoad(others, Duration.ofSeconds(600), Duration.ofSeconds(1))) {
        var renewed = Grants.many(others, RENEWED, 600, 64, load::add);
        await(load, 3L * renewed.size());
        load.resetFigures();
        killed.kill();
        await(load, 5L * renewed.size());
        System.out.printf(
            "leader killed: no renewal acknowledged for %d ms, detection and election included;"
                + " ended: %d%n",
            load.longestPauseMillis(), load.ended().size());
        Matcher promoted = PROMOTED.matcher(cluster.leader().logText());
        while (promoted.find()) {
          System.out.println("the new leader says: " + promoted.group());
        }
      }
    }
    System.exit(0);
  }

  private static void await(RenewalLoad load, long more) {
    long target = load.answers() + more;
    Conditions.await("renewals", Duration.ofMinutes(2), () -> load.answers() >= target);
  }
}
