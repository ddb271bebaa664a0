package io.leasehold.jepsen.cluster;

import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * What clusters have in common, whatever their members run in: to ask members, to start them and
 * wait until they serve, and to end with the run.
 */
abstract class ManagedCluster<M extends ManagedMember> implements TestCluster {
  final ClusterPlan plan;
  final Map<String, M> members = new LinkedHashMap<>();
  final ControlChannels channels = new ControlChannels(this);
  private final Duration readyMax;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Thread exitHook = new Thread(this::closeAtExit, "close-cluster");

  ManagedCluster(ClusterPlan plan, Duration readyMax) {
    this.plan = plan;
    this.readyMax = readyMax;
  }

  /** Adds all members and their channels; nothing runs yet. */
  abstract void layOut();

  /** Starts one that does not run, and returns at once. */
  abstract void launch(M member, List<String> furtherFlags);

  abstract Endpoint metricsEndpoint(String member);

  /** Undoes what faults may have left of a member, which is started afterwards. */
  void mend(String member, Cleanup cleanup) {}

  /** Ends what was started while the cluster was closed, which nobody else would. */
  void abandon(String member) {
    kill(member);
  }

  /** Ends all members and gives back what they had. Called once. */
  abstract void release(Cleanup cleanup);

  /** From here on whatever ends the run takes the cluster with it. */
  final TestCluster open() {
    Runtime.getRuntime().addShutdownHook(exitHook);
    try {
      Files.createDirectories(plan.home());
      layOut();
      return this;
    } catch (IOException e) {
      close();
      throw new ClusterException("cannot make " + plan.home() + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  @Override
  public final List<String> members() {
    return List.copyOf(members.keySet());
  }

  @Override
  public final void start() {
    refuseIfClosed();
    startAll();
    // One that ended by itself will not get ready: no use in waiting for it.
    Waits.until(readyMax, () -> isReady() || !members().stream().allMatch(this::isRunning));
    for (String member : members()) {
      if (!isRunning(member)) {
        throw new ClusterException(member + " has ended\n" + LogEnd.of(log(member)));
      }
    }
    awaitReady(Duration.ZERO);
  }

  void startAll() {
    members().forEach(this::start);
  }

  @Override
  public final void start(String member, String... furtherFlags) {
    refuseIfClosed();
    launch(of(members, member), List.of(furtherFlags));
    if (isClosed.get()) {
      abandon(member);
    }
  }

  private void refuseIfClosed() {
    if (isClosed.get()) {
      throw new ClusterException("the cluster is closed");
    }
  }

  @Override
  public final int stop(String member) {
    return of(members, member).stop();
  }

  @Override
  public final void kill(String member) {
    of(members, member).kill();
  }

  @Override
  public final void pause(String member) {
    of(members, member).pause();
  }

  @Override
  public final void resume(String member) {
    of(members, member).resume();
  }

  @Override
  public final boolean isRunning(String member) {
    return of(members, member).isRunning();
  }

  @Override
  public final boolean isPaused(String member) {
    return of(members, member).isPaused();
  }

  @Override
  public final StatusResponse status(String member) {
    return channels.of(member).status();
  }

  @Override
  public final long hash(String member) {
    return Integer.toUnsignedLong(channels.of(member).hash());
  }

  @Override
  public final Optional<String> leader() {
    return channels.leader();
  }

  @Override
  public final boolean moveLeader(String leader, String target) {
    return channels.moveLeader(leader, target);
  }

  @Override
  public final boolean isReady() {
    return channels.isReady();
  }

  @Override
  public final void awaitReady(Duration max) {
    if (!Waits.until(max, this::isReady)) {
      throw new ClusterException(
          "not within "
              + max.toMillis()
              + " ms: all running members follow one leader\n"
              + members().stream()
                  .map(member -> LogEnd.of(log(member)))
                  .collect(Collectors.joining("\n")));
    }
  }

  @Override
  public final void onUnexpectedEnd(UnexpectedEnd listener) {
    members.values().forEach(member -> member.onUnexpectedEnd(listener));
  }

  @Override
  public final String metrics(String member) throws IOException {
    return MetricsPage.read(metricsEndpoint(member));
  }

  @Override
  public final void restore() {
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(this::heal);
    for (String member : members()) {
      cleanup.attempt(() -> resume(member));
      mend(member, cleanup);
      cleanup.attempt(() -> start(member));
    }
    cleanup.finish("the cluster is not as it was");
  }

  @Override
  public final void close() {
    // To clean up must work for a thread that was told to end.
    boolean wasInterrupted = Thread.interrupted();
    try {
      closeAll();
    } finally {
      forgetExit();
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void forgetExit() {
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      // The harness itself is ending: the hook runs, and finds nothing left to do.
    }
  }

  private void closeAtExit() {
    try {
      closeAll();
    } catch (ClusterException e) {
      // Others clean up at the same time, so that something may be gone already.
      System.err.println(e.getMessage());
    }
  }

  private void closeAll() {
    if (isClosed.getAndSet(true)) {
      return;
    }
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(channels::close);
    release(cleanup);
    cleanup.finish("the cluster left something behind");
  }

  static <T> T of(Map<String, T> all, String member) {
    T found = all.get(member);
    if (found == null) {
      throw new IllegalArgumentException("no member " + member);
    }
    return found;
  }
}
