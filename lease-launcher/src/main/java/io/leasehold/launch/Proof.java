package io.leasehold.launch;

import io.grpc.StatusRuntimeException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Shows that a cluster works: a lease is granted, renewed through a follower and revoked. */
final class Proof {
  private static final long TTL_SECONDS = 10;

  private final Members members;
  private final PrintStream out;

  Proof(Members members, PrintStream out) {
    this.members = members;
    this.out = out;
  }

  void run(long secondsMax) throws LaunchException {
    long startNanos = System.nanoTime();
    MemberClient leader = members.awaitLeader(secondsMax);
    out.printf(
        Locale.ROOT,
        "  %-52s %8.1f s%n",
        leader.member().name() + " leads",
        since(startNanos) / 1000);
    MemberClient other = leader;
    for (MemberClient client : members.clients()) {
      other = client == leader ? other : client;
    }
    MemberClient follower = other;
    String through =
        " through " + (follower == leader ? "leader " : "follower ") + follower.member().name();

    long leaseId =
        timed(
            "granted a lease of " + TTL_SECONDS + " s through leader " + leader.member().name(),
            () -> leader.grant(TTL_SECONDS).getID());
    long renewed = timed("renewed it" + through, () -> follower.renew(leaseId));
    if (renewed != TTL_SECONDS) {
      throw new LaunchException("the renewal" + through + " answered TTL " + renewed);
    }
    boolean unused =
        timed(
            "revoked it" + through,
            () -> {
              follower.revoke(leaseId);
              return true;
            });
    for (MemberClient client : members.clients()) {
      long remaining = client.remainingSeconds(leaseId);
      if (remaining != -1) {
        throw new LaunchException(
            client.member().name() + " still gives the revoked lease " + remaining + " s");
      }
    }
    out.printf(Locale.ROOT, "  %-52s%n", "every member says that it is gone");
  }

  private <T> T timed(String what, Callable<T> step) throws LaunchException {
    long startNanos = System.nanoTime();
    T result;
    try {
      result = step.call();
    } catch (LaunchException e) {
      throw e;
    } catch (StatusRuntimeException e) {
      throw new LaunchException("could not do this: " + what + ": " + e.getStatus());
    } catch (Exception e) {
      throw new LaunchException("could not do this: " + what + ": " + e);
    }
    out.printf(Locale.ROOT, "  %-52s %8.1f ms%n", what, since(startNanos));
    return result;
  }

  private static double since(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e6;
  }
}
