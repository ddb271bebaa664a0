package io.leasehold.cli.start;

import com.google.protobuf.ByteString;
import io.grpc.ServerBuilder;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.ClusterGrpc;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.KVGrpc;
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
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListRequest;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.ResponseOp;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.mvccpb.KeyValue;

/** Plays a member: says yes to everything, and remembers nothing. Any thread. */
final class Extra {
  private static final long TTL_SECONDS = 10;

  private static final ResponseHeader HEADER =
      ResponseHeader.newBuilder()
          .setClusterId(1)
          .setMemberId(1)
          .setRevision(1)
          .setRaftTerm(1)
          .build();

  private Extra() {}

  static ServerBuilder<?> services(ServerBuilder<?> builder) {
    return builder
        .addService(new Keys())
        .addService(new Leases())
        .addService(new Members())
        .addService(new Upkeep());
  }

  private static <A> void say(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  private static final class Keys extends KVGrpc.KVImplBase {
    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
      KeyValue entry =
          KeyValue.newBuilder()
              .setKey(request.getKey())
              .setValue(ByteString.copyFromUtf8("value"))
              .setCreateRevision(1)
              .setModRevision(1)
              .setVersion(1)
              .build();
      say(observer, RangeResponse.newBuilder().setHeader(HEADER).addKvs(entry).setCount(1).build());
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> observer) {
      say(observer, PutResponse.newBuilder().setHeader(HEADER).build());
    }

    @Override
    public void deleteRange(
        DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
      say(observer, DeleteRangeResponse.newBuilder().setHeader(HEADER).setDeleted(1).build());
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
      TxnResponse.Builder answer = TxnResponse.newBuilder().setHeader(HEADER).setSucceeded(true);
      request
          .getSuccessList()
          .forEach(
              one ->
                  answer.addResponses(
                      one.hasRequestRange()
                          ? ResponseOp.newBuilder()
                              .setResponseRange(RangeResponse.getDefaultInstance())
                          : ResponseOp.newBuilder()
                              .setResponsePut(PutResponse.getDefaultInstance())));
      say(observer, answer.build());
    }
  }

  private static final class Leases extends LeaseGrpc.LeaseImplBase {
    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
      say(
          observer,
          LeaseGrantResponse.newBuilder()
              .setHeader(HEADER)
              .setID(1)
              .setTTL(request.getTTL())
              .build());
    }

    @Override
    public void leaseRevoke(
        LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
      say(observer, LeaseRevokeResponse.newBuilder().setHeader(HEADER).build());
    }

    @Override
    public void leaseTimeToLive(
        LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
      say(
          observer,
          LeaseTimeToLiveResponse.newBuilder()
              .setHeader(HEADER)
              .setID(request.getID())
              .setTTL(TTL_SECONDS)
              .setGrantedTTL(TTL_SECONDS)
              .build());
    }

    @Override
    public void leaseLeases(
        LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> observer) {
      say(
          observer,
          LeaseLeasesResponse.newBuilder()
              .setHeader(HEADER)
              .addLeases(LeaseStatus.newBuilder().setID(1))
              .build());
    }

    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
        StreamObserver<LeaseKeepAliveResponse> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(LeaseKeepAliveRequest request) {
          observer.onNext(
              LeaseKeepAliveResponse.newBuilder()
                  .setHeader(HEADER)
                  .setID(request.getID())
                  .setTTL(TTL_SECONDS)
                  .build());
        }

        @Override
        public void onError(Throwable failure) {
          // Whoever hung up has heard enough.
        }

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }

  private static final class Members extends ClusterGrpc.ClusterImplBase {
    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
      say(
          observer,
          MemberListResponse.newBuilder()
              .setHeader(HEADER)
              .addMembers(Member.newBuilder().setID(1).setName("extra"))
              .build());
    }
  }

  private static final class Upkeep extends MaintenanceGrpc.MaintenanceImplBase {
    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
      say(
          observer,
          StatusResponse.newBuilder()
              .setHeader(HEADER)
              .setVersion("3.5.0")
              .setLeader(1)
              .setRaftTerm(1)
              .build());
    }
  }
}
