package io.leasehold.server.fake;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.v1.RenewalsGrpc;
import io.leasehold.raft.Environment;
import io.leasehold.server.LeaseholdServer;
import io.leasehold.server.config.ServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Real servers over fake replicas, with clients to talk to them. The first member leads. */
public final class TestCluster implements AutoCloseable {
  private static final int ELECTION_TIMEOUT_MILLIS = 500;

  private final FakeCluster replicas;
  private final Map<String, LeaseholdServer> servers = new LinkedHashMap<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  private TestCluster(FakeCluster replicas) {
    this.replicas = replicas;
  }

  /** Starts members with these names and lets the first lead. */
  public static TestCluster start(String... names) throws Exception {
    TestCluster cluster = startWithoutLeader(names);
    cluster.replicas.elect(names[0]);
    for (String name : names) {
      Await.until(() -> cluster.replica(name).leadership().leader() != null);
    }
    Await.until(() -> cluster.replica(names[0]).lessor() != null);
    return cluster;
  }

  /** Starts members with these names. */
  public static TestCluster startWithoutLeader(String... names) throws Exception {
    FakeCluster replicas =
        new FakeCluster(
            System::nanoTime, TimeUnit.MILLISECONDS.toNanos(ELECTION_TIMEOUT_MILLIS), names);
    TestCluster cluster = new TestCluster(replicas);
    Map<String, Integer> peerPorts = new ConcurrentHashMap<>();
    String initialCluster =
        Stream.of(names)
            .map(name -> name + "=http://localhost:" + (1 + List.of(names).indexOf(name)))
            .collect(Collectors.joining(","));
    for (String name : names) {
      ServerConfig config =
          ServerConfig.of(
              List.of(
                  "--name",
                  name,
                  "--initial-cluster",
                  initialCluster,
                  "--listen-client-urls",
                  "http://127.0.0.1:0",
                  "--listen-metrics-urls",
                  "http://127.0.0.1:0",
                  "--watch-progress-notify-interval",
                  "100ms",
                  "--heartbeat-interval",
                  "50",
                  "--election-timeout",
                  String.valueOf(ELECTION_TIMEOUT_MILLIS)),
              Map.of());
      cluster.servers.put(
          name,
          LeaseholdServer.start(
              config,
              FakeEngine.starter(replicas, peerPorts),
              Environment.ofProcess(),
              why -> {
                throw new AssertionError(why);
              }));
    }
    return cluster;
  }

  public FakeCluster replicas() {
    return replicas;
  }

  public FakeReplica replica(String name) {
    return replicas.replica(name);
  }

  public LeaseholdServer server(String name) {
    return servers.get(name);
  }

  public FakeEngine engine(String name) {
    return (FakeEngine) server(name).engine();
  }

  /** Lets a member lead and waits until everybody knows. */
  public void elect(@Nullable String name) {
    replicas.elect(name);
    for (String member : servers.keySet()) {
      Await.until(() -> java.util.Objects.equals(replica(member).leadership().leader(), name));
    }
    if (name != null) {
      Await.until(() -> replica(name).lessor() != null);
    }
  }

  /** Returns a new connection to a member. */
  public ManagedChannel channel(String name) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server(name).clientPort()))
            .usePlaintext()
            .build();
    channels.add(channel);
    return channel;
  }

  /** Returns what a member tells of itself in numbers. */
  public String metrics(String name) {
    URI page = URI.create("http://127.0.0.1:" + server(name).adminPort() + "/metrics");
    try (InputStream in = page.toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns one of those numbers; its name includes its labels. */
  public double metric(String name, String metric) {
    return metrics(name)
        .lines()
        .filter(line -> line.startsWith(metric + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(metric.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  public LeaseGrpc.LeaseBlockingStub leases(String name) {
    return LeaseGrpc.newBlockingStub(channel(name)).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  public RenewalsGrpc.RenewalsStub renewals(String name) {
    return RenewalsGrpc.newStub(channel(name));
  }

  public KVGrpc.KVBlockingStub keys(String name) {
    return KVGrpc.newBlockingStub(channel(name)).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.values().forEach(LeaseholdServer::close);
    replicas.close();
  }
}
