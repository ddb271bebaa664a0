package io.leasehold.jepsen.nemesis;

import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.ClusterException;
import io.leasehold.jepsen.cluster.DirectedPair;
import io.leasehold.jepsen.cluster.Disk;
import io.leasehold.jepsen.cluster.Endpoint;
import io.leasehold.jepsen.cluster.Link;
import io.leasehold.jepsen.cluster.Syncs;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.WallClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A cluster that only remembers what was done to it, and fails where a test wants it to. */
public final class FakeCluster implements TestCluster {
  private static final String CONTENT = "some bytes that matter";

  final List<String> calls = new ArrayList<>();
  final Set<String> failingOnce = new HashSet<>();
  public final Set<Capability> capabilities = EnumSet.allOf(Capability.class);
  private final Path home;
  private final List<String> members = List.of("n1", "n2", "n3");
  private final Set<String> running = new HashSet<>(members);
  private final Set<String> paused = new HashSet<>();
  private final Map<String, FakeDisk> disks = new HashMap<>();
  private final Map<String, FakeShim> shims = new HashMap<>();
  private Set<DirectedPair> cuts = Set.of();
  private long packetsCut;
  private Link link = Link.WHOLE;
  private long packetsDegraded;
  private String leader = "n2";

  public FakeCluster(Path home) {
    this.home = home;
    for (String member : members) {
      disks.put(member, new FakeDisk());
      shims.put(member, new FakeShim(member));
      write(logFile(member), CONTENT);
      write(snapshotFile(member), CONTENT);
    }
  }

  private Path logFile(String member) {
    return dataDirectory(member).resolve("raft/log/000004.log");
  }

  private Path snapshotFile(String member) {
    return dataDirectory(member).resolve("raft/snapshot/snapshot_1/state/000005.sst");
  }

  private static void write(Path file, String content) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isDamaged(String member) {
    try {
      byte[] whole = CONTENT.getBytes(StandardCharsets.UTF_8);
      return !Arrays.equals(Files.readAllBytes(logFile(member)), whole)
          || !Arrays.equals(Files.readAllBytes(snapshotFile(member)), whole);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Notes a call, and fails if it is one that is to fail. */
  private void called(String call) {
    calls.add(call);
    if (failingOnce.remove(call)) {
      throw new ClusterException(call + " fails");
    }
  }

  /** Nothing is broken. */
  boolean isWhole() {
    return running.size() == members.size()
        && paused.isEmpty()
        && cuts.isEmpty()
        && link.equals(Link.WHOLE)
        && shims.values().stream().noneMatch(FakeShim::isBad)
        && disks.values().stream().noneMatch(disk -> disk.isOff || disk.isFull);
  }

  @Override
  public List<String> members() {
    return members;
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public Endpoint clientEndpoint(String member) {
    return new Endpoint("127.0.0.1", 1);
  }

  @Override
  public void start() {
    members.forEach(this::start);
  }

  @Override
  public void start(String member, String... furtherFlags) {
    called("start " + member + (furtherFlags.length == 0 ? "" : " " + furtherFlags[0]));
    if (furtherFlags.length == 0 && isDamaged(member)) {
      write(log(member), member + " refuses its data\n");
    } else {
      running.add(member);
    }
  }

  @Override
  public int stop(String member) {
    called("stop " + member);
    running.remove(member);
    return 0;
  }

  @Override
  public void kill(String member) {
    called("kill " + member);
    running.remove(member);
    paused.remove(member);
  }

  @Override
  public void pause(String member) {
    called("pause " + member);
    paused.add(member);
  }

  @Override
  public void resume(String member) {
    called("resume " + member);
    paused.remove(member);
  }

  @Override
  public boolean isRunning(String member) {
    return running.contains(member);
  }

  @Override
  public boolean isPaused(String member) {
    return paused.contains(member);
  }

  @Override
  public StatusResponse status(String member) {
    return StatusResponse.getDefaultInstance();
  }

  @Override
  public long hash(String member) {
    return 0;
  }

  @Override
  public Optional<String> leader() {
    return running.contains(leader) ? Optional.of(leader) : Optional.empty();
  }

  @Override
  public boolean moveLeader(String from, String target) {
    called("move " + from + " " + target);
    leader = target;
    return true;
  }

  @Override
  public void awaitReady(Duration max) {
    if (!isReady()) {
      throw new ClusterException("not ready");
    }
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public Path dataDirectory(String member) {
    return home.resolve(member);
  }

  @Override
  public void wipe(String member) {
    called("wipe " + member);
  }

  @Override
  public Path setAside(String member) {
    called("aside " + member);
    write(logFile(member), CONTENT);
    write(snapshotFile(member), CONTENT);
    return home;
  }

  @Override
  public Path log(String member) {
    return home.resolve(member + ".log");
  }

  @Override
  public String metrics(String member) {
    return "";
  }

  @Override
  public void cut(Set<DirectedPair> pairs) {
    called("cut");
    cuts = Set.copyOf(pairs);
    packetsCut += pairs.size();
  }

  @Override
  public void heal() {
    called("heal");
    cuts = Set.of();
    link = Link.WHOLE;
  }

  @Override
  public void degrade(Set<String> hit, Link bad) {
    called("degrade " + String.join(" ", new TreeSet<>(hit)));
    link = bad;
    packetsDegraded += hit.size();
  }

  @Override
  public long packetsDegraded() {
    return packetsDegraded;
  }

  @Override
  public WallClock wallClock(String member) {
    return shims.get(member);
  }

  @Override
  public Syncs syncs(String member) {
    return shims.get(member);
  }

  @Override
  public void onUnexpectedEnd(UnexpectedEnd listener) {}

  @Override
  public long packetsCut() {
    return packetsCut;
  }

  @Override
  public Disk disk(String member) {
    return disks.get(member);
  }

  @Override
  public void restore() {
    calls.add("restore");
    heal();
    for (String member : members) {
      resume(member);
      disk(member).powerOn();
      disk(member).release();
      wallClock(member).move(0);
      syncs(member).heal();
      start(member);
    }
  }

  @Override
  public void close() {}

  private final class FakeShim implements WallClock, Syncs {
    private final String member;
    private long seconds;
    private long readsMoved;
    private Duration delay = Duration.ZERO;
    private long delayed;
    private long refused;
    private boolean refuses;

    FakeShim(String member) {
      this.member = member;
    }

    private boolean isBad() {
      return seconds != 0 || !delay.isZero() || refuses;
    }

    @Override
    public void move(long to) {
      called("clock " + member + (to == 0 ? " right" : " wrong"));
      seconds = to;
    }

    @Override
    public long readsMoved() {
      readsMoved += seconds == 0 ? 0 : 1;
      return readsMoved;
    }

    @Override
    public void delay(Duration length) {
      called("slow " + member);
      delay = length;
      delayed++;
    }

    @Override
    public void refuse() {
      called("refuse " + member);
      refuses = true;
      refused++;
      running.remove(member);
      write(log(member), member + " cannot write\n");
    }

    @Override
    public void heal() {
      called("syncs " + member);
      delay = Duration.ZERO;
      refuses = false;
    }

    @Override
    public long delayed() {
      return delayed;
    }

    @Override
    public long refused() {
      return refused;
    }
  }

  private static final class FakeDisk implements Disk {
    private boolean isFull;
    private boolean isOff;

    @Override
    public void fill(long bytesLeft) {
      isFull = true;
    }

    @Override
    public long bytesFree() {
      return isFull ? 0 : 1 << 20;
    }

    @Override
    public void release() {
      isFull = false;
    }

    @Override
    public void powerCut() {
      isOff = true;
    }

    @Override
    public void powerOn() {
      isOff = false;
    }

    @Override
    public boolean isOff() {
      return isOff;
    }
  }
}
