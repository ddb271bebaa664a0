package io.leasehold.launch;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A connection to one member. Calls block for at most their deadline. */
final class MemberClient implements AutoCloseable {
  private static final long CALL_SECONDS_MAX = 10;
  private static final long STATUS_MILLIS_MAX = 1500;

  private final Member member;
  private final ManagedChannel channel;

  MemberClient(Member member) {
    this.member = member;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", member.clientPort()).usePlaintext().build();
  }

  Member member() {
    return member;
  }

  ManagedChannel channel() {
    return channel;
  }

  /** Returns what the member says of itself, or null when it does not answer. */
  @Nullable StatusResponse status() {
    try {
      return MaintenanceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(STATUS_MILLIS_MAX, TimeUnit.MILLISECONDS)
          .status(StatusRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      // A refused connection is retried at once when asked again, not after gRPC's back-off.
      channel.resetConnectBackoff();
      return null;
    }
  }

  LeaseGrantResponse grant(long ttlSeconds) {
    return leases().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build());
  }

  /** Renews a lease over a stream of its own and returns the TTL answered; 0: no such lease. */
  long renew(long leaseId) throws LaunchException {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    StreamObserver<LeaseKeepAliveRequest> requests =
        LeaseGrpc.newStub(channel)
            .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
            .leaseKeepAlive(
                new StreamObserver<>() {
                  @Override
                  public void onNext(LeaseKeepAliveResponse response) {
                    answer.complete(response.getTTL());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(
                        new IllegalStateException("stream ended without an answer"));
                  }
                });
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
    try {
      long ttlSeconds = answer.get(CALL_SECONDS_MAX + 1, TimeUnit.SECONDS);
      requests.onCompleted();
      return ttlSeconds;
    } catch (ExecutionException e) {
      throw new LaunchException("renewal through " + member.name() + " failed: " + e.getCause());
    } catch (TimeoutException e) {
      throw new LaunchException("no answer to the renewal through " + member.name());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LaunchException("interrupted");
    }
  }

  /** Returns the seconds a lease has left; -1: no such lease. */
  long remainingSeconds(long leaseId) {
    return leases()
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(leaseId).build())
        .getTTL();
  }

  void revoke(long leaseId) {
    var unused = leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(leaseId).build());
  }

  private LeaseGrpc.LeaseBlockingStub leases() {
    return LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
