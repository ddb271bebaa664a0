package io.leasehold.jepsen.run;

import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import io.leasehold.jepsen.nemesis.FaultKind;
import io.leasehold.jepsen.nemesis.FaultReport;
import io.leasehold.jepsen.nemesis.Nemesis;
import io.leasehold.jepsen.nemesis.Schedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Breaks the cluster for as long as the run takes, by its schedule. On the run's thread. */
final class Breaking {
  private final TestCluster cluster;
  private final RunClock clock;
  private volatile String current = "";

  Breaking(TestCluster cluster, RunClock clock) {
    this.cluster = cluster;
    this.clock = clock;
  }

  /** What is being done now, for people. */
  String current() {
    return current;
  }

  /**
   * Carries out those steps that fit into the time, and waits until it is over; returns what went
   * wrong with faults, a sentence each.
   */
  List<String> until(long endNanos, Schedule schedule, Consumer<? super FaultReport> listener) {
    List<String> complaints = new ArrayList<>();
    Map<FaultKind, Integer> notSeen = new EnumMap<>(FaultKind.class);
    Set<FaultKind> seen = EnumSet.noneOf(FaultKind.class);
    for (Schedule.Step step : schedule.steps()) {
      Duration needed = Duration.ofMillis(step.quietMillis() + step.lengthMillis());
      if (clock.nowNanos() + needed.toNanos() > endNanos) {
        break;
      }
      current = step.kind().name();
      for (FaultReport report : new Nemesis(cluster, clock, listener).run(Schedule.script(step))) {
        if (!report.complaint().isEmpty()) {
          complaints.add(report.kind() + ": " + report.complaint());
        } else if (report.readyNanos() < 0) {
          complaints.add(report.kind() + ": the members did not get ready afterwards");
        }
        if (report.hasHappened()) {
          seen.add(report.kind());
        } else {
          notSeen.merge(report.kind(), 1, Integer::sum);
        }
      }
      current = "";
    }
    notSeen.keySet().removeAll(seen);
    notSeen.forEach(
        (kind, times) -> complaints.add(kind + ": tried %d times, in vain".formatted(times)));
    long left = endNanos - clock.nowNanos();
    if (left > 0) {
      Waits.pause(Duration.ofNanos(left));
    }
    return complaints;
  }
}
