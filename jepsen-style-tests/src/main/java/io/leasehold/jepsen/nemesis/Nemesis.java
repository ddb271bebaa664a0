package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Breaks a cluster by a schedule, on the thread that runs it. Every fault is healed before the next
 * one, and everything at the end, whatever happened: exceptions and interrupts included.
 */
public final class Nemesis {
  private static final Duration READY_MAX = Duration.ofSeconds(60);

  private final TestCluster cluster;
  private final RunClock clock;
  private final Consumer<? super FaultReport> listener;

  /**
   * @param listener told of each fault when it is healed, on the nemesis's thread
   */
  public Nemesis(TestCluster cluster, RunClock clock, Consumer<? super FaultReport> listener) {
    this.cluster = cluster;
    this.clock = clock;
    this.listener = listener;
  }

  /**
   * Carries the schedule out and returns what became of each step that was begun. A fault that
   * cannot be done, or healed, is a complaint in its report. An interrupt ends the run early, stays
   * set, and leaves nothing broken.
   *
   * @throws io.leasehold.jepsen.cluster.ClusterException when the cluster could not be restored
   */
  public List<FaultReport> run(Schedule schedule) {
    List<FaultReport> reports = new ArrayList<>();
    Cleanup all = new Cleanup();
    all.attempt(
        () -> {
          for (Schedule.Step step : schedule.steps()) {
            if (!sleep(step.quietMillis())) {
              return;
            }
            FaultReport report = carryOut(step);
            reports.add(report);
            listener.accept(report);
          }
        });
    all.attempt(() -> uninterrupted(cluster::restore));
    all.finish("the nemesis did not end well");
    return List.copyOf(reports);
  }

  private FaultReport carryOut(Schedule.Step step) {
    Fault fault = step.fault();
    Cleanup all = new Cleanup();
    long fromNanos = clock.nowNanos();
    Set<?> missing = missing(fault);
    if (missing.isEmpty()) {
      all.attempt(() -> inject(fault, step.lengthMillis(), fromNanos));
      all.attempt(() -> uninterrupted(() -> fault.heal(cluster)));
    }
    long toNanos = clock.nowNanos();
    // Whoever was told to end does not wait for others.
    boolean isReady = !Thread.currentThread().isInterrupted() && awaitReady();
    long readyNanos = isReady ? clock.nowNanos() : -1;
    return new FaultReport(
        step.kind(),
        fault.describe(),
        fault.members(),
        fromNanos,
        toNanos,
        readyNanos,
        missing.isEmpty() && fault.hasHappened(),
        missing.isEmpty() ? all.complaint() : "the cluster does not offer " + missing);
  }

  private Set<?> missing(Fault fault) {
    Set<?> missing = new java.util.TreeSet<>(fault.requires());
    missing.removeAll(cluster.capabilities());
    return missing;
  }

  private void inject(Fault fault, long lengthMillis, long fromNanos) {
    fault.inject(cluster);
    long goneMillis = (clock.nowNanos() - fromNanos) / 1_000_000;
    sleep(Math.max(0, lengthMillis - goneMillis));
  }

  private boolean awaitReady() {
    return Waits.until(READY_MAX, cluster::isReady);
  }

  /** Returns whether the time passed without an interrupt, which stays set. */
  private static boolean sleep(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** To mend must work for a thread that was told to end. */
  private static void uninterrupted(Cleanup.Step step) throws Exception {
    boolean wasInterrupted = Thread.interrupted();
    try {
      step.run();
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
