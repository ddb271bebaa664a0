package io.leasehold.bench.cluster;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.cluster.MemberProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One member, with a connection to ask it who it is. Main thread only. */
public final class BenchMember implements AutoCloseable {
  private static final long CALL_SECONDS_MAX = 2;
  private static final long TRANSFER_SECONDS_MAX = 10;

  private final String name;
  private final InetSocketAddress address;
  private final @Nullable MemberProcess process;
  private final long foreignPid;
  private final ManagedChannel channel;

  private BenchMember(
      String name, InetSocketAddress address, @Nullable MemberProcess process, long foreignPid) {
    this.name = name;
    this.address = address;
    this.process = process;
    this.foreignPid = foreignPid;
    this.channel =
        NettyChannelBuilder.forAddress(address.getHostString(), address.getPort())
            .usePlaintext()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
  }

  static BenchMember ofOurs(MemberProcess process) {
    return new BenchMember(
        process.name(),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), process.clientPort()),
        process,
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
          bare, new InetSocketAddress(bare.substring(0, Math.max(0, colon)), port), null, pid);
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
      throw new BenchException(name + " is none of ours: leave --endpoints out");
    }
    return process;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
