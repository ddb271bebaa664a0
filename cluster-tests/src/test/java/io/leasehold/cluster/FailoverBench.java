package io.leasehold.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * Prints how long no renewal is acknowledged when the leader is killed, over many kills. Argument:
 * number of kills, 20 unless given.
 */
public final class FailoverBench {
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final int LEASES = 1000;
  private static final long TELLING_PAUSE_MILLIS = 3000;

  private FailoverBench() {}

  public static void main(String[] args) throws Exception {
    int kills = args.length > 0 ? Integer.parseInt(args[0]) : 20;
    Path home = Files.createTempDirectory("leasehold-bench");
    long[] pauses = new long[kills];
    try (Cluster cluster = Cluster.start(home);
        RenewalLoad load = new RenewalLoad(cluster.members(), TTL, Duration.ofMillis(1500))) {
      var unused = Grants.many(cluster.members(), LEASES, TTL.toSeconds(), 64, load::add);
      await(load, 2 * LEASES);
      for (int kill = 0; kill < kills; kill++) {
        load.resetFigures();
        MemberProcess killed = cluster.leader();
        killed.kill();
        await(load, 3 * LEASES);
        pauses[kill] = load.longestPauseMillis();
        System.out.printf(
            "kill %d, of %s: %d ms; leases ended: %d%n",
            kill + 1, killed.name(), pauses[kill], load.ended().size());
        if (pauses[kill] > TELLING_PAUSE_MILLIS) {
          System.out.println(cluster.lastLines());
        }
        killed.start();
        cluster.awaitReady();
        await(load, 2 * LEASES);
      }
      Arrays.sort(pauses);
      System.out.printf(
          "%d leader kills under %d leases renewed every 1.5 s: pause in acknowledged renewals"
              + " median %d ms, longest %d ms; leases ended: %d%n",
          kills, LEASES, pauses[kills / 2], pauses[kills - 1], load.ended().size());
    }
    System.exit(0);
  }

  private static void await(RenewalLoad load, long more) {
    long target = load.answers() + more;
    Conditions.await("renewals", Duration.ofMinutes(2), () -> load.answers() >= target);
  }
}
