package io.leasehold.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.client.Client;
import io.leasehold.jepsen.client.Connections;
import io.leasehold.jepsen.client.LeaseKeeper;
import io.leasehold.jepsen.client.MemberChoice;
import io.leasehold.jepsen.client.MemberPoll;
import io.leasehold.jepsen.client.Processes;
import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.client.WatchPlan;
import io.leasehold.jepsen.client.WatchStream;
import io.leasehold.jepsen.cluster.Backend;
import io.leasehold.jepsen.cluster.ClusterPlan;
import io.leasehold.jepsen.cluster.Skips;
import io.leasehold.jepsen.cluster.Tampering;
import io.leasehold.jepsen.cluster.Target;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.nemesis.Schedule.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
@Timeout(400)
final class NemesisIT {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  @TempDir private Path home;

  private final RunClock clock = new RunClock();
  private final Processes processes = new Processes();
  private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();

  private static Step step(FaultKind kind, long lengthMillis) {
    return new Step(kind, 1, 500, lengthMillis);
  }

  /** Breaks a cluster while a lease is kept, and returns what became of the faults. */
  private List<FaultReport> breakWhileALeaseIsKept(Backend backend, ClusterPlan plan, Step... steps)
      throws InterruptedException {
    Skips.unless(backend, plan);
    try (TestCluster cluster = backend.open(plan)) {
      cluster.start();
      try (Connections connections = new Connections(cluster);
          LeaseKeeper keeper =
              new LeaseKeeper(
                  LeaseKeeper.Manner.ONE_BY_ONE,
                  connections,
                  MemberChoice.movingOn(cluster.members(), 0),
                  Duration.ofSeconds(2),
                  processes,
                  clock,
                  entries::add);
          MemberPoll poll = new MemberPoll(cluster, Duration.ofMillis(200), clock, entries::add);
          WatchStream watch =
              new WatchStream(
                  1,
                  connections,
                  "n1",
                  WatchPlan.of(KeyRange.prefix("k"), 1),
                  WatchStream.Reading.ALL_THE_TIME,
                  clock,
                  entries::add)) {
        Client client =
            new Client(
                connections,
                MemberChoice.movingOn(cluster.members(), 0),
                DEADLINE,
                processes,
                clock);
        Op granted = client.call(new Request.Grant(0, 30));
        long lease = granted.answered(Answer.Granted.class).leaseId();
        assertThat(client.call(new Request.Put("key", "value", lease, false)).isOk()).isTrue();
        Waits.await(
            "the watcher is told",
            DEADLINE,
            () -> watch.isOpen() && entries.stream().anyMatch(WatchAnswer.class::isInstance));
        keeper.keep(lease, 30, Duration.ofMillis(500), Duration.ZERO);

        // Renewals leave no trace in the log: a disk is only used by who writes.
        Thread writing = new Thread(() -> write(connections, cluster.members()), "writing");
        writing.start();
        List<FaultReport> reports;
        try {
          reports =
              new Nemesis(cluster, clock, report -> System.out.println(report))
                  .run(Schedule.script(steps));
        } finally {
          writing.interrupt();
          writing.join();
        }

        assertThat(keeper.kept()).contains(lease);
        Waits.await(
            "the key is still there",
            DEADLINE,
            () -> client.call(Request.Range.of("key")).answered(Answer.Ranged.class).count() == 1);
        assertThat(cluster.members()).allMatch(cluster::isRunning).noneMatch(cluster::isPaused);
        if (reports.stream().anyMatch(report -> report.kind() == FaultKind.KILL_LEADER)) {
          assertThat(poll.leaderChanges()).isPositive();
        }
        assertThat(entries.stream().filter(MemberState.class::isInstance)).isNotEmpty();
        return reports;
      }
    }
  }

  /** Writes ten times a second, wherever it is answered, until it is told to end. */
  private void write(Connections connections, List<String> members) {
    Client client =
        new Client(connections, MemberChoice.movingOn(members, 1), DEADLINE, processes, clock);
    try {
      for (int i = 0; true; i++) {
        client.call(new Request.Put("written", "as number " + i, 0, false));
        Thread.sleep(100);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // Told to end while it waited for an answer.
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }
  }

  @Test
  void processesAreKilledFrozenAndMended() throws InterruptedException {
    ClusterPlan plan = ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD);

    assertThat(
            breakWhileALeaseIsKept(
                Backend.PROCESS,
                plan,
                step(FaultKind.KILL_LEADER, 2000),
                step(FaultKind.PAUSE_LEADER, 3000),
                step(FaultKind.LEADER_TRANSFERS, 3000),
                step(FaultKind.ROLLING_RESTART, 0),
                step(FaultKind.KILL_ALL, 500)))
        .allMatch(FaultReport::hasHappened)
        .allMatch(FaultReport::isClean);
  }

  @Test
  void aMemberThatLostItsDataOrFindsItDamagedComesBack() throws InterruptedException {
    ClusterPlan plan = ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD);

    List<FaultReport> reports =
        breakWhileALeaseIsKept(
            Backend.PROCESS, plan, step(FaultKind.WIPE_ONE, 2000), step(FaultKind.FLIP_LOG, 0));

    assertThat(reports).allMatch(FaultReport::hasHappened).allMatch(FaultReport::isClean);
  }

  @Test
  void membersAreCutOffInEveryShapeAndReachEachOtherAgain() throws InterruptedException {
    ClusterPlan plan = ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD);

    assertThat(
            breakWhileALeaseIsKept(
                Backend.NETNS,
                plan,
                step(FaultKind.PARTITION_LEADER, 3000),
                step(FaultKind.PARTITION_LEADER_MUTE, 3000),
                step(FaultKind.PARTITION_LEADER_DEAF, 3000),
                step(FaultKind.PARTITION_BRIDGE, 3000),
                step(FaultKind.PARTITION_RING, 3000)))
        .allMatch(FaultReport::hasHappened)
        .allMatch(FaultReport::isClean);
  }

  @Test
  void linksLoseHoldUpAndDelayWhatPasses() throws InterruptedException {
    ClusterPlan plan =
        ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD)
            .withTampering(new Tampering(false, true, false, List.of()));

    assertThat(
            breakWhileALeaseIsKept(
                Backend.NETNS,
                plan,
                step(FaultKind.LOSSY_LINKS_ALL, 3000),
                step(FaultKind.SLOW_LINKS_LEADER, 3000),
                step(FaultKind.LATE_LINKS_ALL, 3000)))
        .allMatch(FaultReport::hasHappened)
        .allMatch(FaultReport::isClean);
  }

  @Test
  void wallClocksJumpAndDisksAreSlowAndFail() throws InterruptedException {
    ClusterPlan plan =
        ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD)
            .withTampering(new Tampering(true, false, false, List.of()));

    assertThat(
            breakWhileALeaseIsKept(
                Backend.PROCESS,
                plan,
                step(FaultKind.CLOCK_JUMP_ALL, 3000),
                step(FaultKind.SLOW_DISK_LEADER, 3000),
                step(FaultKind.FAILING_DISK_LEADER, 3000)))
        .allMatch(FaultReport::hasHappened)
        .allMatch(FaultReport::isClean);
  }

  @Test
  void disksFillUpAndLosePowerAndTheClusterGoesOn() throws InterruptedException {
    ClusterPlan plan = ClusterPlan.of(home.resolve("c"), Target.LEASEHOLD).withDisks(256);

    assertThat(
            breakWhileALeaseIsKept(
                Backend.PROCESS,
                plan,
                step(FaultKind.POWER_CUT_ALL, 500),
                step(FaultKind.DISK_FULL_ONE, 3000)))
        .allMatch(FaultReport::hasHappened)
        .allMatch(FaultReport::isClean);
  }
}
