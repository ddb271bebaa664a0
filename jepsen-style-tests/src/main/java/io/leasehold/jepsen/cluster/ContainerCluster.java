package io.leasehold.jepsen.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Members in containers. A member that is cut off is taken off the network as a whole: clients do
 * not reach it either, and it comes back with another address.
 */
final class ContainerCluster extends ManagedCluster<ContainerMember> {
  private static final Duration READY_MAX = Duration.ofMinutes(2);

  /** Of all flags the only one that a single start can have. */
  private static final String REPLACE = "--replace-member=true";

  private final Engine engine;
  private final Map<String, Places> places;
  private final AtomicBoolean isUp = new AtomicBoolean();

  /** Members without a network, and what they had failed to send before. Guarded by itself. */
  private final Map<String, Long> cutOff = new HashMap<>();

  /** Of cuts that are healed. Guarded by {@link #cutOff}. */
  private long packetsCutBefore;

  /** Where one member is reached from outside. */
  record Places(Endpoint client, Endpoint metrics) {}

  private ContainerCluster(ClusterPlan plan, Map<String, Places> places, Engine engine) {
    super(plan, READY_MAX);
    this.places = Map.copyOf(places);
    this.engine = engine;
  }

  /** Makes a cluster of which nothing runs yet, and which closes the engine with itself. */
  static TestCluster open(ClusterPlan plan, Map<String, Places> places, Engine engine) {
    return new ContainerCluster(plan, places, engine).open();
  }

  @Override
  void layOut() {
    for (String name : new TreeSet<>(places.keySet())) {
      members.put(name, new ContainerMember(name, engine, logFile(name)));
      channels.add(name, of(places, name).client());
    }
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
  void startAll() {
    if (isUp.getAndSet(true)) {
      super.startAll();
    } else {
      engine.up();
      members.values().forEach(ContainerMember::wasMade);
    }
  }

  @Override
  void launch(ContainerMember member, List<String> furtherFlags) {
    if (!furtherFlags.isEmpty() && !furtherFlags.equals(List.of(REPLACE))) {
      throw new UnsupportedOperationException("containers are not started with " + furtherFlags);
    }
    member.start(!furtherFlags.isEmpty());
  }

  @Override
  void abandon(String member) {
    engine.close();
  }

  @Override
  Endpoint metricsEndpoint(String member) {
    return of(places, member).metrics();
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
  void release(Cleanup cleanup) {
    for (ContainerMember member : members.values()) {
      cleanup.attempt(member::kill);
      cleanup.attempt(member::keepLog);
    }
    cleanup.attempt(engine::close);
  }
}
