package io.leasehold.server.grpc;

import static io.leasehold.api.etcdserverpb.AlarmRequest.AlarmAction.ACTIVATE;
import static io.leasehold.api.etcdserverpb.AlarmRequest.AlarmAction.DEACTIVATE;
import static io.leasehold.api.etcdserverpb.AlarmRequest.AlarmAction.GET;
import static io.leasehold.server.grpc.LeaseServiceTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.AlarmMember;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.ClusterGrpc;
import io.leasehold.api.etcdserverpb.DefragmentRequest;
import io.leasehold.api.etcdserverpb.HashKVRequest;
import io.leasehold.api.etcdserverpb.HashKVResponse;
import io.leasehold.api.etcdserverpb.HashRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListRequest;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.TestCluster;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Behaviour 106 of the wire contract. */
@Timeout(60)
final class MaintenanceServiceTest {
  private static TestCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start("n1", "n2", "n3");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static MaintenanceGrpc.MaintenanceBlockingStub maintenance(String member) {
    return MaintenanceGrpc.newBlockingStub(cluster.channel(member));
  }

  @Test
  void b106StatusNamesTheLeaderAndTheIndexes() {
    LeaseServiceTest.grant(cluster.leases("n1"), 0, 60);
    StatusResponse status = maintenance("n2").status(StatusRequest.getDefaultInstance());
    assertThat(status.getVersion()).matches("3\\.\\d+\\.\\d+");
    assertThat(status.getLeader()).isEqualTo(cluster.engine("n1").memberId("n1"));
    assertThat(status.getRaftIndex()).isPositive();
    assertThat(status.getRaftTerm()).isPositive();
    assertThat(status.getErrorsList()).isEmpty();
  }

  @Test
  void c106_hashKvIsEqualOnAllMembersAndTellsOfEveryKey() {
    long before = put("n2", "hashed", "1");
    Set<Integer> hashes = new HashSet<>();
    for (String member : new String[] {"n1", "n2", "n3"}) {
      HashKVResponse answer = maintenance(member).hashKV(HashKVRequest.getDefaultInstance());
      assertThat(answer.getHashRevision()).isEqualTo(before);
      hashes.add(answer.getHash());
    }
    assertThat(hashes).hasSize(1);
    put("n1", "hashed", "2");
    for (String member : new String[] {"n1", "n2", "n3"}) {
      hashes.add(maintenance(member).hashKV(HashKVRequest.getDefaultInstance()).getHash());
    }
    assertThat(hashes).hasSize(2);
    assertThat(
            maintenance("n3")
                .hashKV(HashKVRequest.newBuilder().setRevision(before).build())
                .getHash())
        .isIn(hashes);
    assertRefused(
        () ->
            maintenance("n3").hashKV(HashKVRequest.newBuilder().setRevision(before + 100).build()),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
  }

  @Test
  void c106_hashOfTheStateIsEqualOnAllMembers() {
    put("n1", "hashed", "3");
    Set<Integer> hashes = new HashSet<>();
    for (String member : new String[] {"n1", "n2", "n3"}) {
      maintenance(member).hashKV(HashKVRequest.getDefaultInstance());
      hashes.add(maintenance(member).hash(HashRequest.getDefaultInstance()).getHash());
    }
    assertThat(hashes).hasSize(1);
  }

  private static long put(String member, String key, String value) {
    return cluster
        .keys(member)
        .put(
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build())
        .getHeader()
        .getRevision();
  }

  private static AlarmResponse alarm(
      String member, AlarmRequest.AlarmAction action, long memberId, AlarmType type) {
    return maintenance(member)
        .alarm(
            AlarmRequest.newBuilder()
                .setAction(action)
                .setMemberID(memberId)
                .setAlarm(type)
                .build());
  }

  @Test
  void c106_alarmsAreRaisedListedAndEndedThroughEveryMember() {
    assertThat(alarm("n1", GET, 0, AlarmType.NONE).getAlarmsList()).isEmpty();
    assertThat(alarm("n2", ACTIVATE, 5, AlarmType.CORRUPT).getAlarmsList()).hasSize(1);
    assertThat(alarm("n3", ACTIVATE, 6, AlarmType.CORRUPT).getAlarmsList()).hasSize(1);
    assertThat(alarm("n1", GET, 0, AlarmType.NONE).getAlarmsList())
        .extracting(AlarmMember::getMemberID)
        .containsExactly(5L, 6L);
    assertThat(maintenance("n1").status(StatusRequest.getDefaultInstance()).getErrorsList())
        .containsExactly("memberID:5 alarm:CORRUPT ", "memberID:6 alarm:CORRUPT ");
    assertRefused(() -> put("n2", "a", "1"), Code.DATA_LOSS, "etcdserver: corrupt cluster");
    assertRefused(
        () -> LeaseServiceTest.grant(cluster.leases("n2"), 0, 60),
        Code.DATA_LOSS,
        "etcdserver: corrupt cluster");
    for (boolean isSerializable : new boolean[] {false, true}) {
      assertRefused(
          () ->
              cluster
                  .keys("n2")
                  .range(
                      RangeRequest.newBuilder()
                          .setKey(ByteString.copyFromUtf8("a"))
                          .setSerializable(isSerializable)
                          .build()),
          Code.DATA_LOSS,
          "etcdserver: corrupt cluster");
    }
    assertThat(alarm("n2", DEACTIVATE, 5, AlarmType.CORRUPT).getAlarmsList()).hasSize(1);
    assertThat(alarm("n2", DEACTIVATE, 5, AlarmType.CORRUPT).getAlarmsList()).isEmpty();
    assertThat(alarm("n2", DEACTIVATE, 6, AlarmType.CORRUPT).getAlarmsList()).hasSize(1);
    assertThat(alarm("n3", GET, 0, AlarmType.NONE).getAlarmsList()).isEmpty();
    put("n2", "a", "1");
  }

  @Test
  void c106_defragmentConcernsTheMemberThatIsAsked() {
    maintenance("n2").defragment(DefragmentRequest.getDefaultInstance());
    assertThat(cluster.replica("n2").defragmentations()).isEqualTo(1);
    assertThat(cluster.replica("n1").defragmentations()).isZero();
  }

  @Test
  void c106_defragmentWaitsUntilWhatWasCompactedIsDeleted() {
    cluster.replica("n3").holdScrubbing(true);
    CompletableFuture<?> defragmented =
        CompletableFuture.supplyAsync(
            () -> maintenance("n3").defragment(DefragmentRequest.getDefaultInstance()));
    Await.until(() -> cluster.replica("n3").hasScrubWaiters());
    assertThat(cluster.replica("n3").defragmentations()).isZero();
    cluster.replica("n3").holdScrubbing(false);
    defragmented.join();
    assertThat(cluster.replica("n3").defragmentations()).isEqualTo(1);
  }

  @Test
  void c106_leadershipMovesWhereTheLeaderIsAskedTo() {
    long target = cluster.engine("n1").memberId("n3");
    assertRefused(
        () ->
            maintenance("n2")
                .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build()),
        Code.FAILED_PRECONDITION,
        "etcdserver: not leader");
    assertRefused(
        () -> maintenance("n1").moveLeader(MoveLeaderRequest.newBuilder().setTargetID(1).build()),
        Code.FAILED_PRECONDITION,
        "etcdserver: bad leader transferee");
    maintenance("n1").moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build());
    assertThat(cluster.replica("n1").leadership().leader()).isEqualTo("n3");
    cluster.elect("n1");
  }

  @Test
  void b106MemberListHasNamesAndUrlsAndNoRevision() {
    MemberListResponse members =
        ClusterGrpc.newBlockingStub(cluster.channel("n3"))
            .memberList(MemberListRequest.newBuilder().setLinearizable(true).build());
    assertThat(members.getHeader().getRevision()).isZero();
    assertThat(members.getMembersList())
        .extracting(Member::getName)
        .containsExactly("n1", "n2", "n3");
    assertThat(members.getMembers(1).getClientURLsList()).containsExactly("http://n2:1");
    assertThat(members.getMembers(1).getPeerURLsList()).containsExactly("http://localhost:2");
    assertThat(members.getMembers(1).getID()).isEqualTo(cluster.engine("n1").memberId("n2"));
  }

  @Test
  void healthServiceSaysServingOnceThereIsALeader() {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(cluster.channel("n2"));
    Await.until(
        () ->
            health.check(HealthCheckRequest.getDefaultInstance()).getStatus()
                == ServingStatus.SERVING);
  }

  @Test
  void reflectionListsTheServices() {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(cluster.channel("n1"))
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable cause) {
                    answer.completeExceptionally(cause);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(
        ServerReflectionRequest.newBuilder().setFileContainingSymbol("etcdserverpb.Lease").build());
    assertThat(answer.join().hasFileDescriptorResponse()).isTrue();
    requests.onCompleted();
  }
}
