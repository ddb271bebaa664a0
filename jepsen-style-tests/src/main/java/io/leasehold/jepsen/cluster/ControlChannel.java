package io.leasehold.jepsen.cluster;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.HashRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import java.util.concurrent.TimeUnit;

/** The harness's own connection to a member, apart from those of the clients it plays. */
final class ControlChannel implements AutoCloseable {
  private static final long STATUS_MILLIS_MAX = 1000;
  private static final long TRANSFER_SECONDS_MAX = 10;

  private final ManagedChannel channel;

  ControlChannel(Endpoint endpoint) {
    channel =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
            .usePlaintext()
            .disableRetry()
            .build();
  }

  StatusResponse status() {
    return MaintenanceGrpc.newBlockingStub(awake())
        .withDeadlineAfter(STATUS_MILLIS_MAX, TimeUnit.MILLISECONDS)
        .status(StatusRequest.getDefaultInstance());
  }

  int hash() {
    return MaintenanceGrpc.newBlockingStub(awake())
        .withDeadlineAfter(STATUS_MILLIS_MAX, TimeUnit.MILLISECONDS)
        .hash(HashRequest.getDefaultInstance())
        .getHash();
  }

  ListenableFuture<StatusResponse> askStatus() {
    return MaintenanceGrpc.newFutureStub(awake())
        .withDeadlineAfter(STATUS_MILLIS_MAX, TimeUnit.MILLISECONDS)
        .status(StatusRequest.getDefaultInstance());
  }

  void moveLeader(long targetId) {
    MaintenanceGrpc.newBlockingStub(awake())
        .withDeadlineAfter(TRANSFER_SECONDS_MAX, TimeUnit.SECONDS)
        .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(targetId).build());
  }

  /** A member that was away must not be thought away for the minutes that a back-off grows to. */
  private ManagedChannel awake() {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
