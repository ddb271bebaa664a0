package io.leasehold.cluster;

import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.cluster.MemberProcess.StateAt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A cluster of real members on free loopback ports, in a directory of its own. Closing it kills
 * what still runs. Test thread only.
 */
public final class Cluster implements AutoCloseable {
  private static final Duration READY_MAX = Duration.ofSeconds(60);
  private static final int PORTS_PER_MEMBER = 3;

  private final List<MemberProcess> members = new ArrayList<>();

  private Cluster(Server server, Path home, String heap, int size, List<String> flags) {
    int firstPort = FreePorts.run(size * PORTS_PER_MEMBER);
    List<String> peers = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      peers.add("n" + (i + 1) + "=" + url(firstPort + i * PORTS_PER_MEMBER + 1));
    }
    for (int i = 0; i < size; i++) {
      int port = firstPort + i * PORTS_PER_MEMBER;
      List<String> arguments = new ArrayList<>(flags);
      arguments.addAll(List.of("--listen-client-urls", url(port)));
      arguments.addAll(List.of("--advertise-client-urls", url(port)));
      arguments.addAll(List.of("--listen-peer-urls", url(port + 1)));
      arguments.addAll(List.of("--initial-advertise-peer-urls", url(port + 1)));
      arguments.addAll(List.of("--listen-metrics-urls", url(port + 2)));
      arguments.addAll(List.of("--initial-cluster", String.join(",", peers)));
      arguments.addAll(List.of("--initial-cluster-token", "test-" + firstPort));
      members.add(new MemberProcess(server, "n" + (i + 1), port, home, heap, arguments));
    }
  }

  /** Starts three members with further server flags and waits until they serve. */
  static Cluster start(Path home, String... flags) {
    return start(Server.LEASEHOLD, home, flags);
  }

  /** Starts three members of a server in a directory, which need not exist, as above. */
  public static Cluster start(Server server, Path home, String... flags) {
    return start(server, home, "384m", 3, flags);
  }

  static Cluster start(Path home, String heap, int size, String... flags) {
    return start(Server.LEASEHOLD, home, heap, size, flags);
  }

  public static Cluster start(Server server, Path home, String heap, int size, String... flags) {
    Cluster cluster = new Cluster(server, home, heap, size, List.of(flags));
    try {
      Files.createDirectories(home);
      cluster.members.forEach(MemberProcess::start);
      cluster.awaitReady();
      cluster.assertAllRun();
      return cluster;
    } catch (IOException | RuntimeException | Error e) {
      String logs = cluster.lastLines();
      cluster.close();
      throw new AssertionError("the cluster did not start\n" + logs, e);
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  public List<MemberProcess> members() {
    return members;
  }

  public MemberProcess member(int index) {
    return members.get(index);
  }

  List<MemberProcess> running() {
    return members.stream().filter(MemberProcess::isRunning).toList();
  }

  public String endpoints() {
    return members.stream().map(MemberProcess::endpoint).collect(Collectors.joining(","));
  }

  /** Waits until all running members follow one leader. */
  public void awaitReady() {
    try {
      Conditions.await("all running members follow one leader", READY_MAX, this::isReady);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + lastLines(), e);
    }
  }

  private boolean isReady() {
    Set<Long> leaders = new HashSet<>();
    for (MemberProcess member : members) {
      if (member.isRunning()) {
        leaders.add(member.status().getLeader());
      }
    }
    return leaders.size() == 1 && !leaders.contains(0L);
  }

  /** A member that ended by itself would be missed by nobody who asks only those that run. */
  void assertAllRun() {
    for (MemberProcess member : members) {
      if (!member.isRunning()) {
        throw new AssertionError(member.name() + " has ended\n" + member.lastLines());
      }
    }
  }

  /** Waits for a member that says it leads, other than those not asked, and returns it. */
  public MemberProcess leader(MemberProcess... notAsked) {
    return Conditions.awaitValue("a leader", READY_MAX, () -> leaderNow(List.of(notAsked)));
  }

  private @org.jspecify.annotations.Nullable MemberProcess leaderNow(List<MemberProcess> notAsked) {
    for (MemberProcess member : members) {
      if (member.isRunning() && !notAsked.contains(member)) {
        StatusResponse status = member.status();
        if (status.getLeader() != 0 && status.getLeader() == status.getHeader().getMemberId()) {
          return member;
        }
      }
    }
    return null;
  }

  /** Returns a running member that does not lead. */
  public MemberProcess follower() {
    MemberProcess leader = leader();
    return running().stream().filter(member -> member != leader).findFirst().orElseThrow();
  }

  /** Waits until all members hold the same state at the same index, and returns it. */
  StateAt awaitEqualStates(Duration max) {
    return Conditions.awaitValue(
        "equal states on all running members",
        max,
        () -> {
          Set<StateAt> states = new HashSet<>();
          for (MemberProcess member : running()) {
            StateAt state = member.stateHash();
            if (state == null) {
              return null;
            }
            states.add(state);
          }
          return states.size() == 1 ? states.iterator().next() : null;
        });
  }

  static long grant(MemberProcess member, long ttlSeconds) {
    return member
        .leases()
        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build())
        .getID();
  }

  static long remainingSeconds(MemberProcess member, long leaseId) {
    return member
        .leases()
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(leaseId).build())
        .getTTL();
  }

  static Set<Long> leaseIds(MemberProcess member) {
    return member
        .leases()
        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
        .getLeasesList()
        .stream()
        .map(LeaseStatus::getID)
        .collect(Collectors.toSet());
  }

  String lastLines() {
    return members.stream().map(MemberProcess::lastLines).collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    members.forEach(MemberProcess::close);
  }
}
