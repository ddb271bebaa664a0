package io.leasehold.cluster;

import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints how long others wait while a lease with very many keys ends: renewals of other leases,
 * puts, and linearizable reads, through every member. Argument: number of keys, 100 000 unless
 * given.
 */
public final class LeaseEndBench {
  private static final Duration WARM_UP = Duration.ofSeconds(45);
  private static final Duration CALL_INTERVAL = Duration.ofMillis(50);
  private static final int RENEWED = 1000;
  private static final int ROUNDS = 2;

  /** Long enough to attach all keys on the slowest machine that is of interest. */
  private static final long TTL_SECONDS = 45;

  private static final Duration UNDISTURBED = Duration.ofSeconds(5);

  /** What follows the end itself: memtables are flushed, watchers told. */
  private static final Duration AFTERMATH = Duration.ofSeconds(1);

  private static final Duration GONE_MAX = Duration.ofSeconds(60);

  private LeaseEndBench() {}

  public static void main(String[] args) throws Exception {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    Path home = Files.createTempDirectory("leasehold-bench");
    List<Caller> puts = new ArrayList<>();
    List<Caller> reads = new ArrayList<>();
    try (Cluster cluster = Cluster.start(home, "1g", 3);
        RenewalLoad renewals =
            new RenewalLoad(cluster.members(), Duration.ofSeconds(60), Duration.ofSeconds(1))) {
      var unused = Grants.many(cluster.members(), RENEWED, 60, 64, renewals::add);
      for (MemberProcess member : cluster.members()) {
        puts.add(
            new Caller(
                "puts to " + member.name(),
                CALL_INTERVAL,
                () -> Keys.put(member, "other/" + member.name(), "value")));
        reads.add(
            new Caller(
                "reads from " + member.name(),
                CALL_INTERVAL,
                () -> Keys.get(member, "other/" + member.name())));
      }
      long term = cluster.leader().status().getRaftTerm();
      System.out.printf("%,d keys on the lease; longest waits in ms%n", count);
      System.out.printf("%-28s%10s%10s%10s%14s%n", "", "renewals", "puts", "reads", "answers");
      // The JVMs of three members compile for a while on few processors.
      Conditions.letPass(WARM_UP);
      reset(renewals, puts, reads);
      Conditions.letPass(UNDISTURBED);
      print("undisturbed", renewals, puts, reads);
      for (int round = 1; round <= ROUNDS; round++) {
        for (String how : List.of("expiry", "revoke")) {
          MemberProcess member = cluster.follower();
          AttachedKeys keys = new AttachedKeys("registry/" + how + "/" + round + "/", count);
          long lease = Cluster.grant(member, TTL_SECONDS);
          long endNanos = System.nanoTime() + Duration.ofSeconds(TTL_SECONDS).toNanos();
          keys.attach(member, lease);
          if (how.equals("expiry")) {
            Conditions.letPass(Duration.ofNanos(endNanos - System.nanoTime()).minusSeconds(1));
          } else {
            Conditions.letPass(UNDISTURBED);
          }
          reset(renewals, puts, reads);
          if (how.equals("revoke")) {
            var unusedAnswer =
                member.leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
          }
          for (MemberProcess each : cluster.members()) {
            Conditions.await("the keys are gone", GONE_MAX, () -> keys.areGone(each));
          }
          Conditions.letPass(AFTERMATH);
          print(how + ", round " + round, renewals, puts, reads);
        }
      }
      long termAfter = cluster.leader().status().getRaftTerm();
      System.out.printf(
          "%s; leases ended that should not have: %d%n",
          term == termAfter ? "the leader stayed" : "THE LEADER CHANGED", renewals.ended().size());
      puts.forEach(Caller::close);
      reads.forEach(Caller::close);
    }
    System.exit(0);
  }

  private static void reset(RenewalLoad renewals, List<Caller> puts, List<Caller> reads) {
    renewals.resetFigures();
    puts.forEach(Caller::reset);
    reads.forEach(Caller::reset);
  }

  private static void print(
      String what, RenewalLoad renewals, List<Caller> puts, List<Caller> reads) {
    System.out.printf(
        "%-28s%10d%10.0f%10.0f%14d%n",
        what,
        renewals.longestPauseMillis(),
        longest(puts),
        longest(reads),
        renewals.answers() + answers(puts) + answers(reads));
  }

  private static double longest(List<Caller> callers) {
    return callers.stream().mapToDouble(Caller::longestMillis).max().orElseThrow();
  }

  private static long answers(List<Caller> callers) {
    return callers.stream().mapToLong(Caller::answers).sum();
  }
}
