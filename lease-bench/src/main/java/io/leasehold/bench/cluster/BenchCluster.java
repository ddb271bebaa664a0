package io.leasehold.bench.cluster;

import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members that are measured. Those of our own are killed and their data is deleted when it is
 * closed, or when the program ends without that. Main thread only.
 */
public final class BenchCluster implements AutoCloseable {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
  private static final long EXIT_SECONDS_MAX = 10;
  private static final Duration LEADER_MAX = Duration.ofSeconds(30);

  private final String label;
  private final List<BenchMember> members = new ArrayList<>();
  private final @Nullable Cluster own;
  private final @Nullable Path home;
  private final Thread closeAtExit;

  private BenchCluster(
      String label, @Nullable Cluster own, @Nullable Path home, Thread closeAtExit) {
    this.label = label;
    this.own = own;
    this.home = home;
    this.closeAtExit = closeAtExit;
  }

  private BenchCluster(String label) {
    this(label, null, null, new Thread(() -> {}, "nothing-to-close"));
  }

  /**
   * Starts members in a directory of their own and waits until they serve.
   *
   * @param heap of each member's JVM, as {@code -Xmx} takes it; etcd has none
   */
  public static BenchCluster start(Target target, int size, String heap, List<String> flags) {
    target.check();
    Path home;
    try {
      home = Files.createTempDirectory("lease-bench");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> all = new ArrayList<>(flags);
    if (target.server() == Server.ETCD) {
      all.addAll(List.of("--logger", "zap", "--log-level", "error"));
    }
    // From here on whatever ends the program takes the members with it.
    Thread closeAtExit = new Thread(() -> endMembers(home), "close-cluster");
    Runtime.getRuntime().addShutdownHook(closeAtExit);
    Cluster own;
    try {
      own = Cluster.start(target.server(), home, heap, size, all.toArray(String[]::new));
    } catch (RuntimeException | Error e) {
      forget(closeAtExit);
      delete(home);
      throw new BenchException("the cluster did not start: " + e.getMessage(), e);
    }
    BenchCluster cluster = new BenchCluster(target.label(), own, home, closeAtExit);
    own.members().forEach(member -> cluster.members.add(BenchMember.ofOurs(member, target)));
    return cluster;
  }

  /** Takes members that run elsewhere, given as {@code host:port}. */
  public static BenchCluster at(List<String> endpoints) {
    BenchCluster cluster = new BenchCluster(String.join(",", endpoints));
    endpoints.forEach(endpoint -> cluster.members.add(BenchMember.at(endpoint, 0)));
    return cluster.whenItAnswers();
  }

  /** Takes one process that serves alone. */
  public static BenchCluster of(String label, String endpoint, long pid) {
    BenchCluster cluster = new BenchCluster(label);
    cluster.members.add(BenchMember.at(endpoint, pid));
    return cluster.whenItAnswers();
  }

  private BenchCluster whenItAnswers() {
    try {
      Conditions.await("all members answer", ANSWER_MAX, this::allAnswer);
      return this;
    } catch (AssertionError e) {
      close();
      throw new BenchException(label + ": " + e.getMessage() + ", last " + e.getCause(), e);
    }
  }

  /** What runs here: the program's name, or the addresses. */
  public String label() {
    return label;
  }

  public String version() {
    return leader().status().getVersion();
  }

  public List<BenchMember> members() {
    return members;
  }

  /** Waits for a member that says it leads, in the latest term when several do. */
  public BenchMember leader() {
    return Conditions.awaitValue("a leader", LEADER_MAX, this::leaderNow);
  }

  private @Nullable BenchMember leaderNow() {
    BenchMember leader = null;
    long term = -1;
    for (BenchMember member : members) {
      StatusResponse status = member.statusOrNull();
      if (status != null
          && status.getLeader() != 0
          && status.getLeader() == status.getHeader().getMemberId()
          && status.getRaftTerm() > term) {
        leader = member;
        term = status.getRaftTerm();
      }
    }
    return leader;
  }

  /** Members that do not lead; the leader itself where there is no other. */
  public List<BenchMember> followers() {
    BenchMember leader = leader();
    return members.size() == 1
        ? List.of(leader)
        : members.stream().filter(member -> member != leader).toList();
  }

  /** Waits until all members that run follow one leader. */
  public void awaitReady() {
    if (own != null) {
      own.awaitReady();
    } else {
      Conditions.await("all members answer", ANSWER_MAX, this::allAnswer);
    }
  }

  private boolean allAnswer() {
    return members.stream().map(BenchMember::status).allMatch(status -> status.getLeader() != 0);
  }

  /** Has leadership handed over to another member, and returns that. */
  public BenchMember moveLeader() {
    BenchMember leader = leader();
    BenchMember next =
        members.stream()
            .filter(member -> member != leader)
            .findFirst()
            .orElseThrow(() -> new BenchException("a single member has nobody to hand over to"));
    leader.moveLeaderTo(next.status().getHeader().getMemberId());
    return next;
  }

  /** Returns the numbers of our own processes that run, by member. */
  public Map<String, Long> pids() {
    Map<String, Long> pids = new LinkedHashMap<>();
    for (BenchMember member : members) {
      if (member.pid() != 0) {
        pids.put(member.name(), member.pid());
      }
    }
    return pids;
  }

  @Override
  public void close() {
    members.forEach(BenchMember::close);
    if (own != null) {
      own.close();
    }
    if (home != null) {
      forget(closeAtExit);
      delete(home);
    }
  }

  private static void forget(Thread closeAtExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(closeAtExit);
    } catch (IllegalStateException e) {
      // The program is ending: the hook runs, and does no harm.
    }
  }

  /** Ends what this program started, whether all of it had been started or not. */
  private static void endMembers(Path home) {
    ProcessHandle.current()
        .children()
        .forEach(
            child -> {
              child.destroyForcibly();
              // Until then it may write where its directory is to be deleted.
              ProcessHandle unused =
                  child
                      .onExit()
                      .completeOnTimeout(child, EXIT_SECONDS_MAX, TimeUnit.SECONDS)
                      .join();
            });
    delete(home);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("cannot delete " + directory + ": " + e.getMessage());
    }
  }
}
