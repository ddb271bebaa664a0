package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Members as processes of this machine, on whatever network lies between them. */
final class ProcessCluster extends ManagedCluster<Member> {
  private static final Duration READY_MAX = Duration.ofSeconds(60);

  private final Network network;
  private final Map<String, Network.Places> places = new HashMap<>();
  private final Map<String, LoopDisk> disks = new HashMap<>();
  private final Map<String, Shim> shims = new HashMap<>();

  private ProcessCluster(ClusterPlan plan, Network network) {
    super(plan, READY_MAX);
    this.network = network;
  }

  /**
   * Makes a cluster of which nothing runs yet.
   *
   * @param network makes what lies between members, when all is gone that earlier runs left
   */
  static TestCluster open(ClusterPlan plan, Supplier<Network> network) {
    Owner.sweepProcesses();
    LoopDisk.sweep();
    if (!plan.tampering().clockRates().isEmpty()) {
      Tampering.sweep();
    }
    return new ProcessCluster(plan, network.get()).open();
  }

  @Override
  void layOut() {
    List<String> peers = new ArrayList<>();
    for (int i = 0; i < plan.size(); i++) {
      places.put(name(i), network.places(i));
      peers.add(name(i) + "=" + network.places(i).peer().url());
    }
    // Another cluster that once had these addresses must not be mistaken for this one.
    String token = Owner.current() + "-" + plan.home();
    List<String> program = plan.target().command(plan.jvmOptions(), plan.classesFirst());
    Path shim = plan.tampering().shim() ? Native.shim(plan.home()) : null;
    for (int i = 0; i < plan.size(); i++) {
      String name = name(i);
      if (plan.diskMebibytes() > 0) {
        disks.put(name, LoopDisk.make(plan.home(), name, plan.diskMebibytes()));
      }
      if (shim != null) {
        shims.put(
            name, new Shim(shim, realDataDirectory(name), plan.home().resolve(name + ".page")));
      }
      Network.Places at = network.places(i);
      List<String> command = new ArrayList<>(network.commandPrefix(i));
      command.addAll(plan.tampering().commandPrefix(i, shims.get(name)));
      command.addAll(program);
      command.addAll(List.of("--name", name, "--data-dir", dataDirectory(name).toString()));
      command.addAll(List.of("--listen-client-urls", at.client().url()));
      command.addAll(List.of("--advertise-client-urls", at.client().url()));
      command.addAll(List.of("--listen-peer-urls", at.peer().url()));
      command.addAll(List.of("--initial-advertise-peer-urls", at.peer().url()));
      command.addAll(List.of("--listen-metrics-urls", at.metrics().url()));
      command.addAll(List.of("--initial-cluster", String.join(",", peers)));
      command.addAll(List.of("--initial-cluster-token", token));
      command.addAll(plan.flags());
      members.put(name, new Member(name, command, plan.environment(), log(name)));
      channels.add(name, at.client());
    }
  }

  /** As the kernel names it, whether it exists yet or not. */
  private Path realDataDirectory(String member) {
    Path home = plan.home();
    try {
      return home.toRealPath().resolve(home.relativize(dataDirectory(member)));
    } catch (IOException e) {
      throw new ClusterException(home + ": " + e.getMessage(), e);
    }
  }

  private static String name(int index) {
    return "n" + (index + 1);
  }

  @Override
  public Set<Capability> capabilities() {
    Set<Capability> capabilities = EnumSet.of(Capability.PROCESSES);
    if (network.canCut()) {
      capabilities.add(Capability.CUTS);
      capabilities.add(Capability.ISOLATION);
    }
    if (plan.target() == Target.LEASEHOLD) {
      capabilities.add(Capability.REPLACEMENT);
      capabilities.add(Capability.LEASEHOLD_FILES);
    }
    if (plan.diskMebibytes() > 0) {
      capabilities.add(Capability.DISKS);
    }
    if (plan.tampering().shim()) {
      capabilities.add(Capability.WALL_CLOCKS);
      capabilities.add(Capability.SYNCS);
    }
    if (network.canDegrade()) {
      capabilities.add(Capability.LINKS);
    }
    if (network.canDelay()) {
      capabilities.add(Capability.DELAYS);
    }
    return Collections.unmodifiableSet(capabilities);
  }

  @Override
  public Endpoint clientEndpoint(String member) {
    return of(places, member).client();
  }

  @Override
  void launch(Member member, List<String> furtherFlags) {
    member.start(furtherFlags);
  }

  @Override
  Endpoint metricsEndpoint(String member) {
    return of(places, member).metrics();
  }

  @Override
  public Path dataDirectory(String member) {
    LoopDisk disk = disks.get(member);
    return disk == null ? plan.home().resolve(member) : disk.directory().resolve("data");
  }

  @Override
  public void wipe(String member) {
    if (isRunning(member)) {
      throw new ClusterException(member + " runs: stop it before its data is deleted");
    }
    Path directory = dataDirectory(member);
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new ClusterException("cannot delete " + directory + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Path setAside(String member) {
    if (isRunning(member)) {
      throw new ClusterException(member + " runs: stop it before its data is moved");
    }
    Path directory = dataDirectory(member);
    Path aside = directory;
    for (int i = 1; Files.exists(aside); i++) {
      aside = directory.resolveSibling(directory.getFileName() + ".aside-" + i);
    }
    try {
      return Files.move(directory, aside);
    } catch (IOException e) {
      throw new ClusterException("cannot move " + directory + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Path log(String member) {
    return plan.home().resolve(member + ".log");
  }

  @Override
  public void cut(Set<DirectedPair> pairs) {
    network.cut(pairs);
  }

  @Override
  public void heal() {
    if (network.canCut()) {
      network.cut(Set.of());
    }
    if (network.canDegrade()) {
      network.degrade(Set.of(), Link.WHOLE);
    }
  }

  @Override
  public void degrade(Set<String> members, Link link) {
    network.degrade(members, link);
  }

  @Override
  public long packetsDegraded() {
    return network.packetsDegraded();
  }

  @Override
  public WallClock wallClock(String member) {
    return shim(member);
  }

  @Override
  public Syncs syncs(String member) {
    return shim(member);
  }

  private Shim shim(String member) {
    Shim shim = shims.get(member);
    if (shim == null) {
      throw new UnsupportedOperationException(member + " runs by itself, with nothing preloaded");
    }
    return shim;
  }

  @Override
  public long packetsCut() {
    return network.packetsCut();
  }

  @Override
  public Disk disk(String member) {
    LoopDisk disk = disks.get(member);
    if (disk == null) {
      throw new UnsupportedOperationException(member + " has no disk of its own");
    }
    return disk;
  }

  @Override
  void mend(String member, Cleanup cleanup) {
    Shim shim = shims.get(member);
    if (shim != null) {
      cleanup.attempt(() -> shim.move(0));
      cleanup.attempt(shim::heal);
    }
    LoopDisk disk = disks.get(member);
    if (disk != null) {
      cleanup.attempt(
          () -> {
            if (disk.isOff()) {
              kill(member);
              disk.powerOn();
            }
            disk.release();
          });
    }
  }

  @Override
  void release(Cleanup cleanup) {
    members.values().forEach(member -> cleanup.attempt(member::kill));
    disks.values().forEach(disk -> cleanup.attempt(disk::close));
    shims.values().forEach(shim -> cleanup.attempt(shim::close));
    cleanup.attempt(network::close);
    if (!plan.tampering().clockRates().isEmpty()) {
      cleanup.attempt(Tampering::sweep);
    }
  }
}
