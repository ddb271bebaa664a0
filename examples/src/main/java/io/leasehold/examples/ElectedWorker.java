package io.leasehold.examples;

import io.leasehold.client.ElectionEvent;
import io.leasehold.client.ElectionEvent.AtRisk;
import io.leasehold.client.ElectionEvent.Deposed;
import io.leasehold.client.ElectionEvent.Elected;
import io.leasehold.client.ElectionEvent.Recovered;
import io.leasehold.client.LeaderElection;
import io.leasehold.client.LeaseClient;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Of all processes that run this, one works.
 *
 * <p>It stops by itself before another can begin, even if nobody can tell it that it leads no more.
 */
public final class ElectedWorker {
  private static final Duration TTL = Duration.ofSeconds(5);

  private final String name;
  private volatile boolean mayWork;
  private long pieces;

  private ElectedWorker(String name) {
    this.name = name;
  }

  /** Runs until it is stopped. */
  public static void main(String[] arguments) throws InterruptedException {
    ElectedWorker worker = new ElectedWorker(Example.name("worker"));
    LeaseClient client = Example.connect();
    Example.say(worker.name + " stands for election");
    LeaderElection election = client.campaign("examples/leader", worker.name, TTL, worker::hear);
    Example.onStop(
        () -> {
          election.close();
          Example.say(worker.name + " stands no more");
          client.close();
        });

    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    var unused = clock.scheduleAtFixedRate(() -> worker.work(election), 0, 1, TimeUnit.SECONDS);
    new CountDownLatch(1).await();
  }

  private void hear(ElectionEvent event) {
    if (event instanceof Elected elected) {
      Example.say(name + " leads, token " + elected.fencingToken());
      mayWork = true;
    } else if (event instanceof AtRisk) {
      Example.say(name + " stops working: its leadership is at risk");
      mayWork = false;
    } else if (event instanceof Recovered) {
      Example.say(name + " works again");
      mayWork = true;
    } else if (event instanceof Deposed deposed) {
      Example.say(name + " leads no more: " + deposed.reason());
      mayWork = false;
    }
  }

  /** The thread of work. */
  private void work(LeaderElection election) {
    // Asked before each step: this process may have stood still since it was told anything.
    if (mayWork && election.isLeader()) {
      pieces++;
      Example.say(name + " does piece " + pieces);
    }
  }
}
