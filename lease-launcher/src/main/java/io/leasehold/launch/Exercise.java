package io.leasehold.launch;

import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Takes the first member down the paths that requests take, as a follower and as the leader, so
 * that its JVM can be told to remember them: which classes it needs, and, where it remembers that
 * too, which methods are worth compiling.
 */
final class Exercise {
  private static final long LEADER_SECONDS_MAX = 120;
  private static final int HTTP_MILLIS_MAX = 5000;

  /** As many as keep a member of two processors at work, with requests that share log entries. */
  private static final int CLIENTS = 8;

  private final Members members;

  Exercise(Members members) {
    this.members = members;
  }

  /**
   * Runs.
   *
   * @param seconds how long in each of the first member's roles
   */
  void run(int seconds) throws LaunchException {
    MemberClient leader = members.awaitLeader(LEADER_SECONDS_MAX);
    MemberClient first = members.clients().get(0);
    askForHealth(first);
    load(seconds);
    if (members.clients().size() > 1) {
      MemberClient next = leader == first ? members.clients().get(1) : first;
      moveLeadership(leader, next);
      load(seconds);
      moveLeadership(next, next == first ? members.clients().get(1) : first);
    }
    askForHealth(first);
  }

  /** Has clients of all members make requests of all kinds. */
  private void load(int seconds) throws LaunchException {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        MemberClient member = members.clients().get(i % members.clients().size());
        ExerciseClient client = new ExerciseClient(member, i);
        running.add(
            threads.submit(
                () -> {
                  client.run(endNanos);
                  return null;
                }));
      }
      for (Future<?> client : running) {
        client.get();
      }
    } catch (ExecutionException e) {
      throw new LaunchException("a request failed: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LaunchException("interrupted");
    } finally {
      threads.shutdownNow();
    }
  }

  private void moveLeadership(MemberClient from, MemberClient to) throws LaunchException {
    StatusResponse status = to.status();
    if (status == null) {
      throw new LaunchException(to.member().name() + " does not answer");
    }
    var unused =
        MaintenanceGrpc.newBlockingStub(from.channel())
            .withDeadlineAfter(LEADER_SECONDS_MAX, TimeUnit.SECONDS)
            .moveLeader(
                MoveLeaderRequest.newBuilder()
                    .setTargetID(status.getHeader().getMemberId())
                    .build());
    MemberClient leader = members.awaitLeader(LEADER_SECONDS_MAX);
    if (leader != to) {
      throw new LaunchException(
          leader.member().name() + " leads where " + to.member().name() + " should");
    }
  }

  private static void askForHealth(MemberClient client) throws LaunchException {
    for (String page : new String[] {"/readyz", "/metrics"}) {
      try {
        URI uri = URI.create("http://127.0.0.1:" + client.member().metricsPort() + page);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(HTTP_MILLIS_MAX);
        connection.setReadTimeout(HTTP_MILLIS_MAX);
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
          throw new LaunchException(page + " answered " + connection.getResponseCode());
        }
      } catch (IOException e) {
        throw new LaunchException(page + " did not answer: " + e.getMessage());
      }
    }
  }
}
