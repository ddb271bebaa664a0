package io.leasehold.launch;

import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the launcher script calls.
 *
 * <ul>
 *   <li>{@code ports PORT...}: are they free
 *   <li>{@code free-ports COUNT}: print the first of so many free ports in a row
 *   <li>{@code prove SECONDS MEMBER...}: wait for a leader, then grant, renew and revoke a lease
 *   <li>{@code await SECONDS NAME MEMBER...}: wait until a member has caught up
 *   <li>{@code leader MEMBER...}: print the leader's name
 *   <li>{@code status MEMBER...}: print one line a member
 *   <li>{@code exercise SECONDS MEMBER...}: take members through what members do, so long in each
 *       role
 * </ul>
 *
 * <p>Exit code 0 only when it worked; otherwise one line on standard error says why not.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    int code = 0;
    try {
      run(args[0], List.of(args).subList(1, args.length));
    } catch (LaunchException e) {
      System.err.println("leasehold: " + e.getMessage());
      code = 1;
    } catch (StatusRuntimeException e) {
      System.err.println("leasehold: a member answered " + e.getStatus());
      code = 1;
    }
    System.out.flush();
    // Channels' threads need not be waited for.
    System.exit(code);
  }

  private static void run(String command, List<String> words) throws LaunchException {
    switch (command) {
      case "ports" -> {
        List<Integer> ports = new ArrayList<>();
        words.forEach(word -> ports.add(Integer.valueOf(word)));
        Ports.requireFree(ports);
      }
      case "free-ports" -> System.out.println(Ports.findFree(Integer.parseInt(words.get(0))));
      case "prove" -> {
        try (Members members = new Members(Member.listOf(words.subList(1, words.size())))) {
          new Proof(members, System.out).run(Long.parseLong(words.get(0)));
        }
      }
      case "await" ->
          await(Long.parseLong(words.get(0)), words.get(1), words.subList(2, words.size()));
      case "leader" -> {
        try (Members members = new Members(Member.listOf(words))) {
          MemberClient leader = members.leader();
          if (leader == null) {
            throw new LaunchException("no member leads just now; see ./leasehold status");
          }
          System.out.println(leader.member().name());
        }
      }
      case "status" -> {
        try (Members members = new Members(Member.listOf(words))) {
          if (!StatusTable.print(members, System.out)) {
            throw new LaunchException("no member leads");
          }
        }
      }
      case "exercise" -> {
        try (Members members = new Members(Member.listOf(words.subList(1, words.size())))) {
          new Exercise(members).run(Integer.parseInt(words.get(0)));
        }
      }
      default -> throw new LaunchException("unknown command " + command);
    }
  }

  private static void await(long secondsMax, String name, List<String> words)
      throws LaunchException {
    long startNanos = System.nanoTime();
    try (Members members = new Members(Member.listOf(words))) {
      var status = members.awaitCaughtUp(members.named(name), secondsMax);
      System.out.printf(
          Locale.ROOT,
          "%s runs, applied index %d, after %.1f s%n",
          name,
          status.getRaftAppliedIndex(),
          (System.nanoTime() - startNanos) / 1e9);
    }
  }
}
