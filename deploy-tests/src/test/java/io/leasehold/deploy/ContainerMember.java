package io.leasehold.deploy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.cluster.Reachable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/** One member in its container. Faults from the test's thread, the connection from any. */
final class ContainerMember implements Reachable, AutoCloseable {
  /** Longer than a member allows itself for handing its leadership over. */
  private static final int STOP_SECONDS = 20;

  private static final long CALL_SECONDS_MAX = 10;

  private final String project;
  private final String name;
  private final ManagedChannel channel;
  private volatile boolean isRunning = true;

  ContainerMember(String project, String name, String address, int port) {
    this.project = project;
    this.name = name;
    this.channel = NettyChannelBuilder.forAddress(address, port).usePlaintext().build();
  }

  String name() {
    return name;
  }

  @Override
  public boolean isRunning() {
    return isRunning;
  }

  @Override
  public ManagedChannel channel() {
    return channel;
  }

  StatusResponse status() {
    channel.resetConnectBackoff();
    return MaintenanceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(2, TimeUnit.SECONDS)
        .status(StatusRequest.getDefaultInstance());
  }

  boolean isLeading() {
    StatusResponse status = status();
    return status.getLeader() != 0 && status.getLeader() == status.getHeader().getMemberId();
  }

  long grant(long ttlSeconds) {
    channel.resetConnectBackoff();
    return leases().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build()).getID();
  }

  /** Returns the seconds a lease has left; -1: no such lease. */
  long remainingSeconds(long leaseId) {
    return leases()
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(leaseId).build())
        .getTTL();
  }

  /** Returns the keys that begin so, each with its lease and the revision that made it. */
  List<KeyValue> keys(String prefix) {
    ByteString start = ByteString.copyFromUtf8(prefix);
    // The first key behind all that begin so: the last byte one higher.
    byte[] end = start.toByteArray();
    end[end.length - 1]++;
    return KVGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
        .range(
            RangeRequest.newBuilder().setKey(start).setRangeEnd(ByteString.copyFrom(end)).build())
        .getKvsList();
  }

  private LeaseGrpc.LeaseBlockingStub leases() {
    return LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
  }

  /** As a crash would; the engine does not start again what it was told to kill. */
  void kill() {
    isRunning = false;
    docker().killContainerCmd(id()).exec();
  }

  /** As docker stop does. */
  void stop() {
    docker().stopContainerCmd(id()).withTimeout(STOP_SECONDS).exec();
    isRunning = false;
  }

  /** Returns how often the engine has started it again after an end that nobody asked for. */
  int restarts() {
    Integer restarts = docker().inspectContainerCmd(id()).exec().getRestartCount();
    return restarts == null ? 0 : restarts;
  }

  /** Returns what the container may use; 0: as much as there is. */
  long memoryLimitMegabytes() {
    Long bytes = docker().inspectContainerCmd(id()).exec().getHostConfig().getMemory();
    return bytes == null ? 0 : bytes >> 20;
  }

  /** Returns what the process ended with. */
  long exitCode() {
    Long code = docker().inspectContainerCmd(id()).exec().getState().getExitCodeLong();
    return code == null ? -1 : code;
  }

  void start() {
    docker().startContainerCmd(id()).exec();
    isRunning = true;
  }

  void pause() {
    docker().pauseContainerCmd(id()).exec();
  }

  void unpause() {
    docker().unpauseContainerCmd(id()).exec();
  }

  void disconnect(String network) {
    isRunning = false;
    docker()
        .disconnectFromNetworkCmd()
        .withNetworkId(network)
        .withContainerId(id())
        .withForce(true)
        .exec();
  }

  /** Gives the container back to the network, under the name that compose gave it. */
  void connect(String network) {
    docker()
        .connectToNetworkCmd()
        .withNetworkId(network)
        .withContainerId(id())
        .withContainerNetwork(new ContainerNetwork().withAliases(List.of(name)))
        .exec();
    isRunning = true;
  }

  /** Removes the container; its volume stays. */
  void remove() {
    isRunning = false;
    docker().removeContainerCmd(id()).withForce(true).exec();
  }

  void cameBack() {
    isRunning = true;
  }

  String address() {
    return docker()
        .inspectContainerCmd(id())
        .exec()
        .getNetworkSettings()
        .getNetworks()
        .values()
        .iterator()
        .next()
        .getIpAddress();
  }

  private String id() {
    List<Container> found =
        docker()
            .listContainersCmd()
            .withShowAll(true)
            .withLabelFilter(
                Map.of("com.docker.compose.project", project, "com.docker.compose.service", name))
            .exec();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " containers of " + name);
    }
    return found.get(0).getId();
  }

  static DockerClient docker() {
    return DockerClientFactory.lazyClient();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
