package io.leasehold.launch;

import io.leasehold.api.etcdserverpb.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connections to the members of a cluster. */
final class Members implements AutoCloseable {
  private static final long POLL_MILLIS = 100;

  private final List<MemberClient> clients = new ArrayList<>();

  Members(List<Member> members) {
    members.forEach(member -> clients.add(new MemberClient(member)));
  }

  List<MemberClient> clients() {
    return clients;
  }

  MemberClient named(String name) throws LaunchException {
    for (MemberClient client : clients) {
      if (client.member().name().equals(name)) {
        return client;
      }
    }
    throw new LaunchException("no member " + name);
  }

  /** Returns the member that leads, as it says itself, or null when none does. */
  @Nullable MemberClient leader() {
    MemberClient leader = null;
    long leaderTerm = -1;
    for (MemberClient client : clients) {
      StatusResponse status = isReachable(client) ? client.status() : null;
      // A deposed leader may not have heard of it yet: the highest term counts.
      if (status != null && isLeader(status) && status.getRaftTerm() > leaderTerm) {
        leader = client;
        leaderTerm = status.getRaftTerm();
      }
    }
    return leader;
  }

  static boolean isLeader(StatusResponse status) {
    return status.getLeader() != 0 && status.getLeader() == status.getHeader().getMemberId();
  }

  private static boolean isReachable(MemberClient client) {
    return client.member().isRunning() && !client.member().isFrozen();
  }

  /**
   * Waits until every running member answers and follows one leader, and returns the leader.
   *
   * @throws LaunchException when a member exited, or the time is over
   */
  MemberClient awaitLeader(long secondsMax) throws LaunchException {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
    String missing = "no member answers";
    while (System.nanoTime() - deadlineNanos < 0) {
      MemberClient leader = null;
      missing = "";
      for (MemberClient client : clients) {
        if (!client.member().isRunning()) {
          throw new LaunchException("member " + client.member().name() + " exited while starting");
        }
        StatusResponse status = client.status();
        if (status == null) {
          missing = client.member().name() + " does not answer";
        } else if (status.getLeader() == 0) {
          missing = client.member().name() + " knows no leader";
        } else if (isLeader(status)) {
          leader = client;
        }
      }
      if (missing.isEmpty() && leader != null) {
        return leader;
      }
      pause();
    }
    throw new LaunchException(
        "no leader within "
            + secondsMax
            + " s"
            + (missing.isEmpty() ? "" : ": " + missing)
            + "; see ./leasehold logs N");
  }

  /**
   * Waits until one member answers and has applied what the leader had applied when asked first.
   */
  StatusResponse awaitCaughtUp(MemberClient client, long secondsMax) throws LaunchException {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
    long targetIndex = -1;
    String missing = "it does not answer";
    while (System.nanoTime() - deadlineNanos < 0) {
      if (!client.member().isRunning()) {
        throw new LaunchException("member " + client.member().name() + " exited while starting");
      }
      StatusResponse status = client.status();
      MemberClient leader = status == null || targetIndex >= 0 ? null : leader();
      StatusResponse leading = leader == null ? null : leader.status();
      if (leading != null) {
        targetIndex = leading.getRaftAppliedIndex();
      }
      if (status != null) {
        missing = status.getLeader() == 0 ? "it knows no leader" : "it has not caught up";
        if (status.getLeader() != 0
            && targetIndex >= 0
            && status.getRaftAppliedIndex() >= targetIndex) {
          return status;
        }
      }
      pause();
    }
    throw new LaunchException(
        "member " + client.member().name() + ": " + missing + " after " + secondsMax + " s");
  }

  private static void pause() throws LaunchException {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LaunchException("interrupted");
    }
  }

  @Override
  public void close() {
    clients.forEach(MemberClient::close);
  }
}
