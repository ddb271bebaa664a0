package io.leasehold.testkit;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A plain gRPC client of one member, with neither retries nor other members to turn to. */
final class Requests implements AutoCloseable {
  private static final int SECONDS = 20;

  private final ManagedChannel channel;

  Requests(Member member) {
    this.channel = NettyChannelBuilder.forTarget(member.endpoint()).usePlaintext().build();
  }

  /** Grants a lease of so many seconds and returns its ID. */
  long grant(long ttlSeconds) {
    return leases(SECONDS, TimeUnit.SECONDS)
        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build())
        .getID();
  }

  /** Returns what a lease has left in seconds, or -1 when it is gone. */
  long left(long leaseId) {
    return leases(SECONDS, TimeUnit.SECONDS)
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(leaseId).build())
        .getTTL();
  }

  LeaseGrpc.LeaseBlockingStub leases(long time, TimeUnit unit) {
    return LeaseGrpc.newBlockingStub(channel).withWaitForReady().withDeadlineAfter(time, unit);
  }

  Renewals renewals() {
    return new Renewals(LeaseGrpc.newStub(channel));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** A stream of renewals, and its answers as they come. */
  static final class Renewals implements StreamObserver<LeaseKeepAliveResponse> {
    private final BlockingQueue<Long> ttls = new LinkedBlockingQueue<>();
    private final StreamObserver<LeaseKeepAliveRequest> out;

    private Renewals(LeaseGrpc.LeaseStub stub) {
      this.out = stub.leaseKeepAlive(this);
    }

    void send(long leaseId) {
      out.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
    }

    /**
     * Returns the TTL of the next answer, 0 when the lease is gone, or null if none comes in time.
     */
    @Nullable Long answer(long time, TimeUnit unit) throws InterruptedException {
      return ttls.poll(time, unit);
    }

    @Override
    public void onNext(LeaseKeepAliveResponse response) {
      ttls.add(response.getTTL());
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
