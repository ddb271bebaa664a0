package io.leasehold.testkit;

import io.leasehold.core.time.NanoClock;
import io.leasehold.core.time.RandomSource;
import io.leasehold.raft.Environment;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.PeerRoutes;
import io.leasehold.raft.Replica;
import io.leasehold.server.LeaseholdServer;
import io.leasehold.server.StartException;
import io.leasehold.server.config.ConfigurationException;
import io.leasehold.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member with what is around it: its port for clients, its clock, its data. Buttons are pressed
 * by one thread at a time; any thread may ask.
 */
final class LocalMember {
  private static final Logger LOG = LoggerFactory.getLogger(LocalMember.class);

  private final Member name;
  private final List<String> arguments;
  private final Wire clientWire;
  private final LeaseTime.MemberClock leaseClock;
  private final Environment environment;
  private final Changes changes;
  private volatile @Nullable LeaseholdServer server;
  private volatile @Nullable String failure;
  private volatile boolean isPaused;
  private volatile boolean isIsolated;

  LocalMember(
      Member name,
      Path data,
      PeerAddress peerAddress,
      List<String> settings,
      Wire clientWire,
      NanoClock clock,
      LeaseTime.MemberClock leaseClock,
      RandomSource random,
      PeerRoutes routes,
      Changes changes) {
    this.name = name;
    List<String> all = new ArrayList<>(settings);
    all.addAll(List.of("--name", name.name(), "--data-dir", data.toString()));
    all.addAll(List.of("--listen-client-urls", "http://127.0.0.1:0"));
    all.addAll(List.of("--advertise-client-urls", "http://" + name.endpoint()));
    all.addAll(List.of("--listen-peer-urls", "http://" + peerAddress));
    all.addAll(List.of("--listen-metrics-urls", ""));
    this.arguments = List.copyOf(all);
    this.clientWire = clientWire;
    this.leaseClock = leaseClock;
    this.environment = new Environment(clock, leaseClock, random, routes);
    this.changes = changes;
  }

  Member name() {
    return name;
  }

  boolean isRunning() {
    return server != null && failure == null;
  }

  boolean isPaused() {
    return isPaused;
  }

  boolean isIsolated() {
    return isIsolated;
  }

  /** Tells whether clients and the other members may expect answers. */
  boolean isReachable() {
    return isRunning() && !isPaused && !isIsolated;
  }

  /** Returns the replica, or null while the member is dead. */
  @Nullable Replica replica() {
    LeaseholdServer running = server;
    return running == null || failure != null ? null : running.engine().replica();
  }

  /** Returns what stands for the member in messages: how it is, and whom it follows. */
  String condition() {
    Replica replica = replica();
    if (replica == null) {
      return name + " is dead" + (failure == null ? "" : ": " + failure);
    }
    Replica.Leadership leadership = replica.leadership();
    String role =
        leadership.isLeader()
            ? "leads"
            : leadership.leader() == null ? "knows no leader" : "follows " + leadership.leader();
    return name
        + (isPaused ? " is paused," : "")
        + (isIsolated ? " is isolated," : "")
        + " "
        + role
        + " in term "
        + leadership.term();
  }

  @Override
  public String toString() {
    return name.name();
  }

  /** Starts the member. Blocks until its port is open. */
  void start() {
    failure = null;
    try {
      LeaseholdServer started =
          LeaseholdServer.start(ServerConfig.of(arguments, Map.of()), environment, this::failed);
      started.engine().replica().onLeadershipChange(leadership -> changes.changed());
      clientWire.leadTo(started.clientPort());
      server = started;
    } catch (ConfigurationException | StartException e) {
      throw new ClusterException(name + " does not start: " + e.getMessage(), e);
    }
    changes.changed();
  }

  /** The member found that it must stop at once: a process would be gone. */
  private void failed(String why) {
    LOG.error("{} fails: {}", name, why);
    failure = why;
    changes.changed();
  }

  /** Ends the member at once, also one that is paused. Blocks until nothing of it runs. */
  void halt() {
    LeaseholdServer running = server;
    server = null;
    isPaused = false;
    isIsolated = false;
    if (running != null) {
      running.halt();
    }
    leaseClock.go();
  }

  void pause() {
    isPaused = true;
    leaseClock.stop();
  }

  void resume() {
    leaseClock.go();
    isPaused = false;
  }

  void isolate(boolean isolated) {
    isIsolated = isolated;
  }

  /** Closes the port for clients, and all connections to it. */
  void cutClients() {
    clientWire.become(Wire.State.CUT);
  }

  /** Has the port for clients behave as this member does. */
  void wireClients() {
    clientWire.become(
        !isRunning() ? Wire.State.CUT : isPaused ? Wire.State.HOLDS : Wire.State.CARRIES);
  }
}
