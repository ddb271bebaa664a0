package io.leasehold.testkit;

import io.leasehold.core.time.NanoClock;
import io.leasehold.core.time.RandomSource;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.PeerRoutes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * What is there while a cluster is open: its members, the wires between them, and the data. Buttons
 * are pressed by one thread at a time; any thread may ask.
 */
final class Assembly implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  /** Half of the product's, so that tests need not wait long for another leader. */
  private static final int ELECTION_TIMEOUT_MILLIS = 500;

  private static final int HEARTBEAT_MILLIS = 50;

  /**
   * How much lease time may pass at once: a lessor sleeps for a tenth of the election timeout, and
   * takes it for a pause when it finds another quarter gone.
   */
  private static final long STEP_NANOS = ELECTION_TIMEOUT_MILLIS * 1_000_000L / 8;

  private final Changes changes;
  private final LeaseTime leaseTime;
  private final FreePorts ports;
  private final TemporaryDirectory directory;
  private final Wires wires = new Wires();
  private final List<LocalMember> members = new ArrayList<>();
  private final List<PeerWire> peerWires = new ArrayList<>();

  /** The way from one member to another, by their names. */
  private record PeerWire(String from, String to, Wire wire) {
    boolean touches(LocalMember member) {
      return from.equals(member.name().name()) || to.equals(member.name().name());
    }
  }

  private Assembly(NanoClock clock, RandomSource random, Changes changes) {
    this.changes = changes;
    this.leaseTime = new LeaseTime(clock, STEP_NANOS);
    this.ports = new FreePorts(random);
    this.directory = TemporaryDirectory.create();
  }

  /** Makes a cluster of members that do not run yet. */
  static Assembly lay(int size, NanoClock clock, RandomSource random, Changes changes) {
    Assembly assembly = new Assembly(clock, random, changes);
    try {
      assembly.lay(size, clock, random);
      return assembly;
    } catch (RuntimeException e) {
      assembly.close();
      throw e;
    }
  }

  private void lay(int size, NanoClock clock, RandomSource random) {
    Map<String, PeerAddress> peers = new TreeMap<>();
    for (int number = 1; number <= size; number++) {
      peers.put("n" + number, new PeerAddress(HOST, ports.next()));
    }
    List<String> settings =
        List.of(
            "--initial-cluster",
            peers.entrySet().stream()
                .map(peer -> peer.getKey() + "=http://" + peer.getValue())
                .collect(Collectors.joining(",")),
            "--heartbeat-interval",
            String.valueOf(HEARTBEAT_MILLIS),
            "--election-timeout",
            String.valueOf(ELECTION_TIMEOUT_MILLIS));
    peers.forEach(
        (name, address) -> {
          int clientPort = ports.next();
          members.add(
              new LocalMember(
                  new Member(members.size() + 1, name, HOST + ":" + clientPort),
                  directory.path().resolve(name),
                  address,
                  settings,
                  wires.lay(clientPort, 0),
                  clock,
                  leaseTime.forMember(),
                  random,
                  routesFrom(name, peers),
                  changes));
        });
  }

  /** Lays wires from a member to all others, and returns the routes that lead through them. */
  private PeerRoutes routesFrom(String name, Map<String, PeerAddress> peers) {
    Map<PeerAddress, PeerAddress> ways = new HashMap<>();
    peers.forEach(
        (other, address) -> {
          if (!other.equals(name)) {
            Wire wire = wires.lay(ports.next(), address.port());
            // From the start: members of a new cluster wait for one another.
            wire.become(Wire.State.CARRIES);
            peerWires.add(new PeerWire(name, other, wire));
            ways.put(address, new PeerAddress(HOST, wire.fromPort()));
          }
        });
    return peer -> ways.getOrDefault(peer, peer);
  }

  List<LocalMember> members() {
    return members;
  }

  LeaseTime leaseTime() {
    return leaseTime;
  }

  /** Says of each member how it is. */
  String conditions() {
    return members.stream().map(LocalMember::condition).collect(Collectors.joining("; "));
  }

  /** Starts members that are dead, side by side, since those of a new cluster wait for others. */
  void start(List<LocalMember> dead) {
    Map<Thread, CompletableFuture<Boolean>> starts = new HashMap<>();
    for (LocalMember member : dead) {
      member.halt();
      CompletableFuture<Boolean> started = new CompletableFuture<>();
      Thread thread = new Thread(() -> start(member, started), "leasehold-start-" + member.name());
      thread.setDaemon(true);
      starts.put(thread, started);
    }
    starts.keySet().forEach(Thread::start);
    try {
      for (CompletableFuture<Boolean> started : starts.values()) {
        boolean unused = changes.await(started, () -> "the start of " + dead);
      }
    } catch (ClusterException e) {
      starts.keySet().forEach(this::giveUp);
      throw e;
    }
    wire();
  }

  private static void start(LocalMember member, CompletableFuture<Boolean> started) {
    try {
      member.start();
      started.complete(true);
    } catch (RuntimeException | Error e) {
      started.completeExceptionally(e);
    }
  }

  /** Ends a start, which may wait for another member that failed to. */
  private void giveUp(Thread start) {
    start.interrupt();
    try {
      start.join(changes.patience().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Cuts all wires of a member that is about to die. */
  void unplug(LocalMember member) {
    peerWires.stream()
        .filter(way -> way.touches(member))
        .forEach(way -> way.wire.become(Wire.State.CUT));
    member.cutClients();
  }

  /** Has every wire behave as the members at its ends are. */
  void wire() {
    for (PeerWire way : peerWires) {
      List<LocalMember> ends = members.stream().filter(way::touches).toList();
      boolean isCut = ends.stream().anyMatch(end -> !end.isRunning());
      boolean isHeld = ends.stream().anyMatch(end -> end.isPaused() || end.isIsolated());
      way.wire.become(isCut ? Wire.State.CUT : isHeld ? Wire.State.HOLDS : Wire.State.CARRIES);
    }
    members.forEach(LocalMember::wireClients);
  }

  /** Ends all members and deletes their data. */
  @Override
  public void close() {
    try {
      // First, so that no member spends its last moments on being elected.
      wires.close();
      members.forEach(LocalMember::halt);
    } finally {
      directory.close();
    }
  }
}
