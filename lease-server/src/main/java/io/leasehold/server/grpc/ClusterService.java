package io.leasehold.server.grpc;

import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.ClusterGrpc;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListRequest;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.raft.Replica;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** etcd's Cluster service: who the members are. Runs on event loops. */
public final class ClusterService extends ClusterGrpc.ClusterImplBase {
  private final Replica replica;
  private final LeaseRouter router;
  private final ResponseHeaders headers;
  private final SortedMap<String, String> peerUrls;
  private final ToLongFunction<String> memberIds;

  /**
   * @param peerUrls peer URL of each member, by name
   * @param memberIds ID of the member of that name
   */
  public ClusterService(
      Replica replica,
      LeaseRouter router,
      ResponseHeaders headers,
      SortedMap<String, String> peerUrls,
      ToLongFunction<String> memberIds) {
    this.replica = replica;
    this.router = router;
    this.headers = headers;
    this.peerUrls = new TreeMap<>(peerUrls);
    this.memberIds = memberIds;
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
    UnaryAnswer<MemberListResponse> answer = new UnaryAnswer<>(observer);
    if (!request.getLinearizable()) {
      answer.send(members());
      return;
    }
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            answer.send(members());
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  private MemberListResponse members() {
    Map<String, MemberRecord> known = new HashMap<>();
    for (MemberRecord member : replica.members()) {
      known.put(member.name(), member);
    }
    MemberListResponse.Builder response =
        MemberListResponse.newBuilder().setHeader(headers.withoutRevision());
    peerUrls.forEach(
        (name, peerUrl) -> {
          Member.Builder member =
              Member.newBuilder().setID(memberIds.applyAsLong(name)).addPeerURLs(peerUrl);
          MemberRecord registered = known.get(name);
          if (registered != null) {
            // A member without a name is one that has not started yet: so clients read it.
            member.setName(name).addAllClientURLs(registered.clientUrls());
          }
          response.addMembers(member);
        });
    return response.build();
  }
}
