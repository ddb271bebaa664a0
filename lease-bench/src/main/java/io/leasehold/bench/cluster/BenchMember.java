package io.leasehold.bench.cluster;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.cluster.MemberProcess;
import io.leasehold.cluster.MetricsPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One member, with a connection to ask it who it is. Main thread only. */
public final class BenchMember implements AutoCloseable {
  private static final long CALL_SECONDS_MAX = 2;
  private static final long TRANSFER_SECONDS_MAX = 10;

  private final String name;
  private final InetSocketAddress address;
  private final @Nullable MemberProcess process;
  private final @Nullable Target target;
  private final long foreignPid;
  private final ManagedChannel channel;

  private BenchMember(
      String name,
      InetSocketAddress address,
      @Nullable MemberProcess process,
      @Nullable Target target,
      long foreignPid) {
    this.name = name;
    this.address = address;
    this.process = process;
    this.target = target;
    this.foreignPid = foreignPid;
    this.channel =
        NettyChannelBuilder.forAddress(address.getHostString(), address.getPort())
            .usePlaintext()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
  }

  static BenchMember ofOurs(MemberProcess process, Target target) {
    return new BenchMember(
        process.name(),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), process.clientPort()),
        process,
        target,
        0);
  }

  /**
   * @param endpoint as {@code host:port}
   * @param pid 0 when its process is not known
   */
  static BenchMember at(String endpoint, long pid) {
    String bare = endpoint.replaceFirst("^http://", "");
    int colon = bare.lastIndexOf(':');
    try {
      int port = Integer.parseInt(bare.substring(colon + 1));
      return new BenchMember(
          bare,
          new InetSocketAddress(bare.substring(0, Math.max(0, colon)), port),
          null,
          null,
          pid);
    } catch (IllegalArgumentException e) {
      throw new BenchException("--endpoints " + endpoint + ": not HOST:PORT", e);
    }
  }

  public String name() {
    return name;
  }

  public InetSocketAddress address() {
    return address;
  }

  /** For calls that are no load. */
  public ManagedChannel channel() {
    return channel;
  }

  public StatusResponse status() {
    channel.resetConnectBackoff();
    return maintenance(CALL_SECONDS_MAX).status(StatusRequest.getDefaultInstance());
  }

  /** Returns what it says of itself; null when it does not answer. */
  @Nullable StatusResponse statusOrNull() {
    try {
      return process != null && !process.isRunning() ? null : status();
    } catch (StatusRuntimeException e) {
      return null;
    }
  }

  void moveLeaderTo(long memberId) {
    var unused =
        maintenance(TRANSFER_SECONDS_MAX)
            .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(memberId).build());
  }

  private MaintenanceGrpc.MaintenanceBlockingStub maintenance(long seconds) {
    return MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(seconds, TimeUnit.SECONDS);
  }

  /** Returns its process's number; 0 when it does not run, or is not known. */
  public long pid() {
    return process == null ? foreignPid : process.pid();
  }

  /** Returns its process; throws when it is somebody else's. */
  public MemberProcess process() {
    if (process == null) {
      throw notOurs();
    }
    return process;
  }

  /** Returns how many snapshots it has made since it started; throws when it is not ours. */
  public long snapshots() {
    if (target == null) {
      throw notOurs();
    }
    return (long) metric(target.snapshotsMetric());
  }

  /** Tells whether it is one of ours, with our metrics. */
  public boolean isLeasehold() {
    return target == Target.LEASEHOLD;
  }

  /** Returns one of its metrics; throws when it is not ours. */
  public double metric(String metric) {
    return metrics(List.of(metric)).get(0);
  }

  /** Returns metrics as they were at one moment, named with their labels; throws when not ours. */
  public List<Double> metrics(List<String> metrics) {
    try {
      String page = MetricsPage.text(process());
      List<Double> values = new ArrayList<>();
      for (String metric : metrics) {
        values.add(MetricsPage.value(page, metric));
      }
      return values;
    } catch (IOException e) {
      throw new BenchException(name + " does not say " + metrics + ": " + e, e);
    }
  }

  private BenchException notOurs() {
    return new BenchException(name + " is none of ours: leave --endpoints out");
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
