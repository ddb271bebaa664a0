package io.leasehold.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.TtlBounds;
import io.leasehold.server.metrics.ServerMetrics;
import io.leasehold.server.quota.SpaceQuota;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.concurrent.Executor;
import java.util.stream.LongStream;

/**
 * etcd's Lease service. Checks what can be checked here, and leaves the rest to the router.
 *
 * <p>Runs on event loops; listing all leases, or the keys of one, takes time and runs elsewhere.
 */
public final class LeaseService extends LeaseGrpc.LeaseImplBase {
  private static final long MILLIS_PER_SECOND = 1000;

  /** What a lease takes on disk, roughly. */
  private static final int GRANT_BYTES = 64;

  /** What etcd answers as the time left of a lease that does not exist. */
  private static final long NO_LEASE = -1;

  private final KeepAlives keepAlives;
  private final LeaseRouter router;
  private final LeaseTable leases;
  private final TtlBounds ttlBounds;
  private final ResponseHeaders headers;
  private final ServerMetrics metrics;
  private final Executor bulkReads;
  private final KeyReads keyReads;
  private final SpaceQuota quota;

  public LeaseService(
      KeepAlives keepAlives,
      LeaseTable leases,
      TtlBounds ttlBounds,
      Executor bulkReads,
      KeyReads keyReads,
      SpaceQuota quota) {
    this.keepAlives = keepAlives;
    this.router = keepAlives.router();
    this.leases = leases;
    this.ttlBounds = ttlBounds;
    this.headers = keepAlives.headers();
    this.metrics = keepAlives.metrics();
    this.bulkReads = bulkReads;
    this.keyReads = keyReads;
    this.quota = quota;
  }

  @Override
  public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
    UnaryAnswer<LeaseGrantResponse> answer = new UnaryAnswer<>(observer);
    long ttlMillis = ttlBounds.effectiveMillis(request.getTTL());
    if (ttlMillis == TtlBounds.TOO_LARGE) {
      metrics.grantRefused();
      answer.fail(EtcdError.LEASE_TTL_TOO_LARGE);
      return;
    }
    if (!quota.takes(GRANT_BYTES)) {
      metrics.grantRefused();
      answer.fail(EtcdError.NO_SPACE);
      return;
    }
    GrantAnswer callback = new GrantAnswer(answer);
    if (request.getID() == 0) {
      router.grant(ttlMillis, callback);
    } else {
      router.grant(request.getID(), ttlMillis, callback);
    }
  }

  @Override
  public void leaseRevoke(
      LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
    UnaryAnswer<LeaseRevokeResponse> answer = new UnaryAnswer<>(observer);
    router.revoke(
        request.getID(),
        new LeaseRouter.RevokeCallback() {
          @Override
          public void revoked() {
            metrics.revokeAnswered();
            answer.send(LeaseRevokeResponse.newBuilder().setHeader(headers.current()).build());
          }

          @Override
          public void notFound() {
            answer.fail(EtcdError.LEASE_NOT_FOUND);
          }

          @Override
          public void forbidden(KeyRefusal why) {
            answer.fail(EtcdError.of(why));
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  @Override
  public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
      StreamObserver<LeaseKeepAliveResponse> observer) {
    GrpcKeepAlive stream =
        new GrpcKeepAlive(keepAlives, (ServerCallStreamObserver<LeaseKeepAliveResponse>) observer);
    stream.open(RequireLeader.isRequired());
    return stream;
  }

  @Override
  public void leaseTimeToLive(
      LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
    UnaryAnswer<LeaseTimeToLiveResponse> answer = new UnaryAnswer<>(observer);
    router.remaining(
        request.getID(),
        new LeaseRouter.RemainingCallback() {
          @Override
          public void remaining(long remainingMillis, long ttlMillis) {
            LeaseTimeToLiveResponse.Builder response =
                LeaseTimeToLiveResponse.newBuilder()
                    .setHeader(headers.current())
                    .setID(request.getID())
                    .setTTL(remainingMillis / MILLIS_PER_SECOND)
                    .setGrantedTTL(ttlMillis / MILLIS_PER_SECOND);
            if (request.getKeys()) {
              addKeys(response, answer);
            } else {
              answer.send(response.build());
            }
          }

          @Override
          public void notFound() {
            answer.send(
                LeaseTimeToLiveResponse.newBuilder()
                    .setHeader(headers.current())
                    .setID(request.getID())
                    .setTTL(NO_LEASE)
                    .build());
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  /** Adds the attached keys, in order, as of everything that was committed by now. */
  private void addKeys(
      LeaseTimeToLiveResponse.Builder response, UnaryAnswer<LeaseTimeToLiveResponse> answer) {
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            keyReads.read(
                false,
                view -> {
                  response.clearKeys().setHeader(headers.at(view.revision()));
                  view.forEachAttached(
                      response.getID(),
                      key -> {
                        response.addKeys(KeyMessages.field(key));
                        return true;
                      });
                  answer.send(response.build());
                },
                answer::fail);
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  @Override
  public void leaseLeases(
      LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> observer) {
    UnaryAnswer<LeaseLeasesResponse> answer = new UnaryAnswer<>(observer);
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            bulkReads.execute(() -> answer.send(allLeases()));
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  private LeaseLeasesResponse allLeases() {
    LeaseLeasesResponse.Builder response =
        LeaseLeasesResponse.newBuilder().setHeader(headers.current());
    LongStream.Builder ids = LongStream.builder();
    leases.forEach(lease -> ids.add(lease.id()));
    // A lease that ends and comes back while the table is read may be seen twice.
    ids.build()
        .sorted()
        .distinct()
        .forEach(id -> response.addLeases(LeaseStatus.newBuilder().setID(id)));
    return response.build();
  }

  private final class GrantAnswer implements LeaseRouter.GrantCallback {
    private final UnaryAnswer<LeaseGrantResponse> answer;

    GrantAnswer(UnaryAnswer<LeaseGrantResponse> answer) {
      this.answer = answer;
    }

    @Override
    public void granted(long leaseId, long ttlMillis) {
      metrics.granted();
      answer.send(
          LeaseGrantResponse.newBuilder()
              .setHeader(headers.current())
              .setID(leaseId)
              .setTTL(ttlMillis / MILLIS_PER_SECOND)
              .build());
    }

    @Override
    public void leaseExists() {
      metrics.grantRefused();
      answer.fail(EtcdError.LEASE_EXISTS);
    }

    @Override
    public void forbidden(KeyRefusal why) {
      metrics.grantRefused();
      answer.fail(EtcdError.of(why));
    }

    @Override
    public void failed(RequestFailure failure) {
      metrics.grantRefused();
      answer.failed(failure);
    }
  }
}
