package io.leasehold.jepsen.cluster;

import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Members as processes of this machine, on whatever network lies between them. */
final class ProcessCluster implements TestCluster {
  private static final Duration READY_MAX = Duration.ofSeconds(60);

  private final ClusterPlan plan;
  private final Network network;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<String, Network.Places> places = new HashMap<>();
  private final ControlChannels channels = new ControlChannels(this);
  private final Map<String, LoopDisk> disks = new HashMap<>();
  private final Map<String, Shim> shims = new HashMap<>();
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Thread closeAtExit = new Thread(this::closeAll, "close-cluster");

  private ProcessCluster(ClusterPlan plan, Network network) {
    this.plan = plan;
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
    ProcessCluster cluster = new ProcessCluster(plan, network.get());
    // From here on whatever ends the run takes the cluster with it.
    Runtime.getRuntime().addShutdownHook(cluster.closeAtExit);
    try {
      Files.createDirectories(plan.home());
      cluster.layOut();
      return cluster;
    } catch (IOException e) {
      cluster.close();
      throw new ClusterException("cannot make " + plan.home() + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private void layOut() {
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
  public List<String> members() {
    return List.copyOf(members.keySet());
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
  public void start() {
    members.keySet().forEach(this::start);
    // One that ended by itself will not get ready: no use in waiting for it.
    Waits.until(READY_MAX, () -> isReady() || !allRun());
    for (String member : members.keySet()) {
      if (!isRunning(member)) {
        throw new ClusterException(member + " has ended\n" + of(members, member).lastLines());
      }
    }
    awaitReady(Duration.ZERO);
  }

  private boolean allRun() {
    return members.keySet().stream().allMatch(this::isRunning);
  }

  @Override
  public void start(String member, String... furtherFlags) {
    if (isClosed.get()) {
      throw new ClusterException("the cluster is closed");
    }
    of(members, member).start(List.of(furtherFlags));
    if (isClosed.get()) {
      // Closed while it was being started: nobody else would end it.
      kill(member);
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
  public void onUnexpectedEnd(UnexpectedEnd listener) {
    members.values().forEach(member -> member.onUnexpectedEnd(listener));
  }

  @Override
  public void awaitReady(Duration max) {
    if (!Waits.until(max, this::isReady)) {
      throw new ClusterException(
          "not within "
              + max.toMillis()
              + " ms: all running members follow one leader\n"
              + members.values().stream().map(Member::lastLines).collect(Collectors.joining("\n")));
    }
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
  public String metrics(String member) throws IOException {
    return MetricsPage.read(of(places, member).metrics());
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
  public void restore() {
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(this::heal);
    for (String member : members.keySet()) {
      cleanup.attempt(() -> resume(member));
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
      Runtime.getRuntime().removeShutdownHook(closeAtExit);
    } catch (IllegalStateException e) {
      // The harness itself is ending: the hook runs, and finds nothing left to do.
    }
  }

  private void closeAll() {
    if (isClosed.getAndSet(true)) {
      return;
    }
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(channels::close);
    members.values().forEach(member -> cleanup.attempt(member::kill));
    disks.values().forEach(disk -> cleanup.attempt(disk::close));
    shims.values().forEach(shim -> cleanup.attempt(shim::close));
    cleanup.attempt(network::close);
    if (!plan.tampering().clockRates().isEmpty()) {
      cleanup.attempt(Tampering::sweep);
    }
    cleanup.finish("the cluster left something behind");
  }

  private static <T> T of(Map<String, T> all, String member) {
    T found = all.get(member);
    if (found == null) {
      throw new IllegalArgumentException("no member " + member);
    }
    return found;
  }
}
