package io.leasehold.jepsen.cluster;

import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Members in containers. A member that is cut off is taken off the network as a whole: clients do
 * not reach it either, and it comes back with another address.
 */
final class ContainerCluster implements TestCluster {
  private static final Duration READY_MAX = Duration.ofMinutes(2);

  /** Of all flags the only one that a single start can have. */
  private static final String REPLACE = "--replace-member=true";

  private final ClusterPlan plan;
  private final Engine engine;
  private final Map<String, ContainerMember> members = new LinkedHashMap<>();
  private final Map<String, Places> places;
  private final ControlChannels channels = new ControlChannels(this);
  private final AtomicBoolean isUp = new AtomicBoolean();
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Thread exitHook = new Thread(this::closeAtExit, "close-cluster");

  /** Members without a network, and what they had failed to send before. Guarded by itself. */
  private final Map<String, Long> cutOff = new HashMap<>();

  /** Of cuts that are healed. Guarded by {@link #cutOff}. */
  private long packetsCutBefore;

  /** Where one member is reached from outside. */
  record Places(Endpoint client, Endpoint metrics) {}

  private ContainerCluster(ClusterPlan plan, Map<String, Places> places, Engine engine) {
    this.plan = plan;
    this.places = Map.copyOf(places);
    this.engine = engine;
    for (String name : new TreeSet<>(places.keySet())) {
      members.put(name, new ContainerMember(name, engine, logFile(name)));
    }
  }

  /** Makes a cluster of which nothing runs yet, and which closes the engine with itself. */
  static TestCluster open(ClusterPlan plan, Map<String, Places> places, Engine engine) {
    ContainerCluster cluster = new ContainerCluster(plan, places, engine);
    // From here on whatever ends the run takes the cluster with it.
    Runtime.getRuntime().addShutdownHook(cluster.exitHook);
    try {
      Files.createDirectories(plan.home());
      places.forEach((name, at) -> cluster.channels.add(name, at.client()));
      return cluster;
    } catch (IOException e) {
      cluster.close();
      throw new ClusterException("cannot make " + plan.home() + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  @Override
  public List<String> members() {
    return List.copyOf(members.keySet());
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.PROCESSES, Capability.ISOLATION, Capability.REPLACEMENT);
  }

  @Override
  public Endpoint clientEndpoint(String member) {
    return of(places, member).client();
  }

  @Override
  public void start() {
    refuseIfClosed();
    if (isUp.getAndSet(true)) {
      members.keySet().forEach(this::start);
    } else {
      engine.up();
      members.values().forEach(ContainerMember::wasMade);
    }
    // One that ended by itself will not get ready: no use in waiting for it.
    Waits.until(READY_MAX, () -> isReady() || !allRun());
    for (String member : members.keySet()) {
      if (!isRunning(member)) {
        throw new ClusterException(member + " has ended\n" + LogEnd.of(log(member)));
      }
    }
    awaitReady(Duration.ZERO);
  }

  private boolean allRun() {
    return members.keySet().stream().allMatch(this::isRunning);
  }

  private void refuseIfClosed() {
    if (isClosed.get()) {
      throw new ClusterException("the cluster is closed");
    }
  }

  @Override
  public void start(String member, String... furtherFlags) {
    refuseIfClosed();
    List<String> flags = List.of(furtherFlags);
    if (!flags.isEmpty() && !flags.equals(List.of(REPLACE))) {
      throw new UnsupportedOperationException("containers are not started with " + flags);
    }
    of(members, member).start(!flags.isEmpty());
    if (isClosed.get()) {
      // Closed while it was being started: nobody else would end it.
      engine.close();
    }
  }

  @Override
  public int stop(String member) {
    return of(members, member).stop();
  }

  @Override
  public void kill(String member) {
    of(members, member).kill();
  }

  @Override
  public void pause(String member) {
    of(members, member).pause();
  }

  @Override
  public void resume(String member) {
    of(members, member).resume();
  }

  @Override
  public boolean isRunning(String member) {
    return of(members, member).isRunning();
  }

  @Override
  public boolean isPaused(String member) {
    return of(members, member).isPaused();
  }

  @Override
  public StatusResponse status(String member) {
    return channels.of(member).status();
  }

  @Override
  public long hash(String member) {
    return Integer.toUnsignedLong(channels.of(member).hash());
  }

  @Override
  public Optional<String> leader() {
    return channels.leader();
  }

  @Override
  public boolean moveLeader(String leader, String target) {
    return channels.moveLeader(leader, target);
  }

  @Override
  public boolean isReady() {
    return channels.isReady();
  }

  @Override
  public void awaitReady(Duration max) {
    if (!Waits.until(max, this::isReady)) {
      throw new ClusterException(
          "not within "
              + max.toMillis()
              + " ms: all running members follow one leader\n"
              + members.keySet().stream()
                  .map(member -> LogEnd.of(log(member)))
                  .collect(Collectors.joining("\n")));
    }
  }

  @Override
  public void onUnexpectedEnd(UnexpectedEnd listener) {
    members.values().forEach(member -> member.onUnexpectedEnd(listener));
  }

  @Override
  public Path dataDirectory(String member) {
    throw new UnsupportedOperationException("what a container has on disk is its own");
  }

  @Override
  public void wipe(String member) {
    of(members, member).wipe();
  }

  @Override
  public Path setAside(String member) {
    throw new UnsupportedOperationException("what a container has on disk cannot be moved");
  }

  @Override
  public Path log(String member) {
    of(members, member).keepLog();
    return logFile(member);
  }

  private Path logFile(String member) {
    return plan.home().resolve(member + ".log");
  }

  @Override
  public String metrics(String member) throws IOException {
    return MetricsPage.read(of(places, member).metrics());
  }

  /** One member after the other, which takes some tenths of a second each. */
  @Override
  public void cut(Set<DirectedPair> pairs) {
    Set<String> alone = alone(pairs);
    Cleanup cleanup = new Cleanup();
    synchronized (cutOff) {
      for (String member : new TreeSet<>(cutOff.keySet())) {
        if (!alone.contains(member)) {
          cleanup.attempt(() -> attach(member));
        }
      }
      for (String member : alone) {
        if (!cutOff.containsKey(member)) {
          cleanup.attempt(() -> detach(member));
        }
      }
    }
    cleanup.finish("not cut as asked for");
  }

  /** Returns the members that such cuts leave without anybody. */
  private Set<String> alone(Set<DirectedPair> pairs) {
    Set<String> alone = new TreeSet<>();
    Set<DirectedPair> cut = new HashSet<>();
    for (String member : members.keySet()) {
      Set<DirectedPair> own = new HashSet<>();
      for (String other : members.keySet()) {
        if (!other.equals(member)) {
          own.add(new DirectedPair(member, other));
          own.add(new DirectedPair(other, member));
        }
      }
      if (pairs.containsAll(own)) {
        alone.add(member);
        cut.addAll(own);
      }
    }
    if (!cut.equals(pairs)) {
      throw new UnsupportedOperationException(
          "a container can only be taken off the network as a whole, which cuts other directions: "
              + pairs);
    }
    return alone;
  }

  private void detach(String member) {
    // Noted first: what is half done must be undone.
    cutOff.put(member, packetsWithoutWay(member));
    engine.detach(member);
  }

  private void attach(String member) {
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(
        () -> packetsCutBefore += packetsWithoutWay(member) - cutOff.getOrDefault(member, 0L));
    cleanup.attempt(
        () -> {
          engine.attach(member);
          cutOff.remove(member);
        });
    cleanup.finish(member + " is still cut off");
  }

  private long packetsWithoutWay(String member) {
    return isRunning(member) ? engine.packetsWithoutWay(member) : 0;
  }

  @Override
  public void heal() {
    cut(Set.of());
  }

  @Override
  public long packetsCut() {
    synchronized (cutOff) {
      long now = packetsCutBefore;
      for (Map.Entry<String, Long> each : cutOff.entrySet()) {
        now += packetsWithoutWay(each.getKey()) - each.getValue();
      }
      return now;
    }
  }

  @Override
  public void degrade(Set<String> members, Link link) {
    throw new UnsupportedOperationException("packets between containers cannot be hindered");
  }

  @Override
  public long packetsDegraded() {
    return 0;
  }

  @Override
  public WallClock wallClock(String member) {
    throw new UnsupportedOperationException("containers have the engine's clock");
  }

  @Override
  public Syncs syncs(String member) {
    throw new UnsupportedOperationException("what containers sync cannot be hindered");
  }

  @Override
  public Disk disk(String member) {
    throw new UnsupportedOperationException(member + " has no disk of its own");
  }

  @Override
  public void restore() {
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(this::heal);
    for (String member : members.keySet()) {
      cleanup.attempt(() -> resume(member));
      cleanup.attempt(() -> start(member));
    }
    cleanup.finish("the cluster is not as it was");
  }

  @Override
  public void close() {
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

  /**
   * Testcontainers removes its containers at the same time: what is gone cannot be read any more.
   */
  private void closeAtExit() {
    try {
      closeAll();
    } catch (ClusterException e) {
      System.err.println(e.getMessage());
    }
  }

  private void closeAll() {
    if (isClosed.getAndSet(true)) {
      return;
    }
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(channels::close);
    for (ContainerMember member : members.values()) {
      cleanup.attempt(member::kill);
      cleanup.attempt(member::keepLog);
    }
    cleanup.attempt(engine::close);
    cleanup.finish("the cluster did not end well");
  }

  private static <T> T of(Map<String, T> all, String member) {
    T found = all.get(member);
    if (found == null) {
      throw new IllegalArgumentException("no member " + member);
    }
    return found;
  }
}
