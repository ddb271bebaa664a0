package io.leasehold.raft.cluster;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.raft.CountingObserver;
import io.leasehold.raft.Environment;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.RaftMember;
import io.leasehold.raft.RaftMemberConfig;
import io.leasehold.raft.RaftMemberConfig.ClusterState;
import io.leasehold.raft.Replica;
import io.leasehold.raft.StartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Members n1, n2, ... of one cluster in this JVM, each behind a {@link FaultyLink} that the others
 * take for its address.
 */
public final class LocalCluster implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int HEARTBEAT_MILLIS = 50;
  public static final int ELECTION_TIMEOUT_MILLIS = 500;
  private static final long CHECKPOINT_INTERVAL_MILLIS = 60_000;

  private final Path root;
  private final int snapshotEntries;
  private final SortedMap<String, FaultyLink> links = new TreeMap<>();
  private final SortedMap<String, PeerAddress> addresses = new TreeMap<>();
  private final Map<String, Integer> ports = new ConcurrentHashMap<>();
  private final Map<String, RaftMember> running = new ConcurrentHashMap<>();
  private final List<String> fatalLines = new CopyOnWriteArrayList<>();

  public LocalCluster(Path root, int members, int snapshotEntries) {
    this.root = root;
    this.snapshotEntries = snapshotEntries;
    try {
      for (int i = 1; i <= members; i++) {
        int port = freePort();
        FaultyLink link = new FaultyLink(port);
        ports.put("n" + i, port);
        links.put("n" + i, link);
        addresses.put("n" + i, new PeerAddress("localhost", link.port()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts all members at once and waits for a leader. */
  public static LocalCluster started(Path root, int members, int snapshotEntries) {
    LocalCluster cluster = new LocalCluster(root, members, snapshotEntries);
    try {
      cluster.startAll();
      cluster.awaitLeader();
      return cluster;
    } catch (AssertionError e) {
      cluster.close();
      throw e;
    }
  }

  public List<String> names() {
    return List.copyOf(addresses.keySet());
  }

  public List<String> runningNames() {
    return running.keySet().stream().sorted().toList();
  }

  public Path dataDirectory(String name) {
    return root.resolve(name);
  }

  public FaultyLink link(String name) {
    FaultyLink link = links.get(name);
    if (link == null) {
      throw new IllegalArgumentException(name);
    }
    return link;
  }

  /** Returns what members said before they would have stopped their process. */
  public List<String> fatalLines() {
    return fatalLines;
  }

  public void startAll() {
    List<CompletableFuture<Void>> starts = new ArrayList<>();
    for (String name : names()) {
      if (!running.containsKey(name)) {
        starts.add(startInBackground(name, ClusterState.NEW, false));
      }
    }
    starts.forEach(LocalCluster::await);
  }

  public void start(String name) {
    await(startInBackground(name, ClusterState.NEW, false));
  }

  /** Starts a member on another thread, since a member new to a cluster waits for the others. */
  public CompletableFuture<Void> startInBackground(
      String name, ClusterState state, boolean replace) {
    CompletableFuture<Void> started = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                running.put(
                    name,
                    RaftMember.start(
                        config(name, state, replace),
                        Environment.ofProcess(),
                        replica -> List.of(),
                        new CountingObserver(),
                        line -> fatalLines.add(name + ": " + line)));
                started.complete(null);
              } catch (StartException | RuntimeException e) {
                started.completeExceptionally(e);
              }
            },
            "start-" + name);
    thread.setDaemon(true);
    thread.start();
    return started;
  }

  private RaftMemberConfig config(String name, ClusterState state, boolean replace) {
    return new RaftMemberConfig(
        name,
        dataDirectory(name),
        new PeerAddress("127.0.0.1", ports.get(name)),
        addresses,
        state,
        "test",
        List.of("http://127.0.0.1:1/" + name),
        HEARTBEAT_MILLIS,
        ELECTION_TIMEOUT_MILLIS,
        CHECKPOINT_INTERVAL_MILLIS,
        snapshotEntries,
        0,
        replace);
  }

  /** Stops a member without handing leadership over. */
  public void stop(String name) {
    stop(name, Duration.ZERO);
  }

  public void stop(String name, Duration handOver) {
    RaftMember member = running.remove(name);
    if (member != null) {
      member.close(handOver);
    }
  }

  public void stopAll() {
    runningNames().forEach(this::stop);
  }

  /** Removes everything the stopped member had on disk. */
  public void wipe(String name) {
    try (Stream<Path> files = Files.walk(dataDirectory(name))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives the stopped member another port; its address stays what the others know. */
  public void move(String name) {
    try {
      int port = freePort();
      ports.put(name, port);
      link(name).pointAt(port);
      link(name).cut();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RaftMember member(String name) {
    RaftMember member = running.get(name);
    if (member == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return member;
  }

  public Replica replica(String name) {
    return member(name).replica();
  }

  /** Waits until one running member leads with a lessor and the others follow it. */
  public String awaitLeader() {
    return Await.value("a leader that all running members follow", PATIENCE, this::agreedLeader);
  }

  /** Waits until a running member other than {@code former} leads. */
  public String awaitLeaderOtherThan(String former) {
    return Await.value(
        "another leader than " + former,
        PATIENCE,
        () -> {
          String leader = agreedLeader();
          return former.equals(leader) ? null : leader;
        });
  }

  private String agreedLeader() {
    String agreed = null;
    for (String name : runningNames()) {
      Replica.Leadership leadership = replica(name).leadership();
      String leader = leadership.leader();
      if (leader == null || (agreed != null && !agreed.equals(leader))) {
        return null;
      }
      agreed = leader;
    }
    return agreed != null && running.containsKey(agreed) && replica(agreed).lessor() != null
        ? agreed
        : null;
  }

  public String follower() {
    String leader = awaitLeader();
    return runningNames().stream().filter(name -> !name.equals(leader)).findFirst().orElseThrow();
  }

  /** Proposes through the given member for the term it leads now; completes with what came back. */
  public CompletableFuture<ProposalResult> propose(String name, Command command) {
    Replica replica = replica(name);
    CompletableFuture<ProposalResult> result = new CompletableFuture<>();
    replica.propose(command, replica.leadership().term(), result::complete);
    return result;
  }

  /** Grants a lease through whoever leads, trying again while the cluster is between leaders. */
  public Outcome grant(long leaseId) {
    return apply(new Command.Grant(leaseId, 600_000));
  }

  public Outcome apply(Command command) {
    return Await.value(
        "applied: " + command,
        PATIENCE,
        () -> {
          String leader = agreedLeader();
          if (leader == null) {
            return null;
          }
          ProposalResult result = await(propose(leader, command));
          return result instanceof ProposalResult.Applied applied ? applied.outcome() : null;
        });
  }

  /** Grants leases with these IDs, each in an entry of its own. */
  public void grantEach(long firstId, int count) {
    for (int i = 0; i < count; i++) {
      grant(firstId + i);
    }
  }

  /**
   * Waits until all running members hold the same state. Their applied indexes may differ by
   * entries that change no state.
   */
  public void awaitSameState() {
    Await.until(
        "the same state on " + runningNames(),
        PATIENCE,
        () ->
            runningNames().stream().map(name -> replica(name).stateHash()).distinct().count() == 1);
  }

  /**
   * Waits until a member knows that all are enrolled, which they see to after they have started.
   */
  public void awaitMembersOnRecord(String name) {
    Await.until(
        "all members on record at " + name,
        PATIENCE,
        () -> replica(name).members().size() == names().size());
  }

  public static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("not within " + PATIENCE, e);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause().getMessage(), e.getCause());
    }
  }

  /** Returns the answer of a barrier. */
  public static CompletableFuture<Boolean> readBarrier(Replica replica) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    replica.readBarrier(answer::complete);
    return answer;
  }

  public static CompletableFuture<Boolean> leaderBarrier(Replica replica, long term) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    replica.leaderBarrier(term, answer::complete);
    return answer;
  }

  @Override
  public void close() {
    stopAll();
    links.values().forEach(FaultyLink::close);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
