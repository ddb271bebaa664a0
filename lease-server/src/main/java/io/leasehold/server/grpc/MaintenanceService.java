package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.HashKVRequest;
import io.leasehold.api.etcdserverpb.HashKVResponse;
import io.leasehold.api.etcdserverpb.HashRequest;
import io.leasehold.api.etcdserverpb.HashResponse;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.raft.Replica;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.function.ToLongFunction;

/** etcd's Maintenance service, as far as there is something to maintain. Runs on event loops. */
public final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
  /** The version of the etcd interface that is spoken here. */
  public static final String PROTOCOL_VERSION = "3.5.0";

  private final Replica replica;
  private final LeaseRouter router;
  private final ResponseHeaders headers;
  private final ToLongFunction<String> memberIds;

  /**
   * @param memberIds ID of the member of that name
   */
  public MaintenanceService(
      Replica replica,
      LeaseRouter router,
      ResponseHeaders headers,
      ToLongFunction<String> memberIds) {
    this.replica = replica;
    this.router = router;
    this.headers = headers;
    this.memberIds = memberIds;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    Replica.Status status = replica.status();
    Replica.Leadership leadership = replica.leadership();
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setHeader(headers.current())
            .setVersion(PROTOCOL_VERSION)
            .setStorageVersion(PROTOCOL_VERSION)
            .setDbSize(status.stateBytes())
            .setDbSizeInUse(status.stateBytes())
            .setRaftIndex(status.committedIndex())
            .setRaftTerm(leadership.term())
            .setRaftAppliedIndex(status.appliedIndex());
    String leader = leadership.leader();
    if (leader == null) {
      response.addErrors(EtcdError.NO_LEADER.text());
    } else {
      response.setLeader(memberIds.applyAsLong(leader));
    }
    new UnaryAnswer<>(observer).send(response.build());
  }

  /** There are no alarms yet: none is listed, and disarming one finds nothing. */
  @Override
  public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
    if (request.getAction() == AlarmRequest.AlarmAction.ACTIVATE) {
      observer.onError(
          Status.UNIMPLEMENTED
              .withDescription("leasehold: alarms cannot be raised by hand")
              .asRuntimeException());
      return;
    }
    new UnaryAnswer<>(observer)
        .send(AlarmResponse.newBuilder().setHeader(headers.current()).build());
  }

  @Override
  public void hash(HashRequest request, StreamObserver<HashResponse> observer) {
    new UnaryAnswer<>(observer)
        .send(
            HashResponse.newBuilder()
                .setHeader(headers.current())
                .setHash(folded(replica.stateHash()))
                .build());
  }

  /** Answers the hash of the leases as of everything committed before the call. */
  @Override
  public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
    UnaryAnswer<HashKVResponse> answer = new UnaryAnswer<>(observer);
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            // May run on the apply thread, which must not wait for the node's lock.
            long revision = replica.revision();
            if (request.getRevision() > revision) {
              answer.fail(EtcdError.FUTURE_REVISION);
              return;
            }
            answer.send(
                HashKVResponse.newBuilder()
                    .setHeader(headers.current())
                    .setHash(folded(replica.stateHash()))
                    .setHashRevision(revision)
                    .build());
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  private static int folded(long hash) {
    return (int) (hash ^ (hash >>> 32));
  }
}
