package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.ClusterGrpc;
import io.leasehold.api.etcdserverpb.HashKVRequest;
import io.leasehold.api.etcdserverpb.HashKVResponse;
import io.leasehold.api.etcdserverpb.HashRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListRequest;
import io.leasehold.api.etcdserverpb.MemberListResponse;
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

/** Behaviour 106 of the wire contract, as far as it concerns leases. */
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
  void b106HashKvIsEqualOnAllMembers() {
    LeaseServiceTest.grant(cluster.leases("n2"), 0, 600);
    Set<Integer> hashes = new HashSet<>();
    for (String member : new String[] {"n1", "n2", "n3"}) {
      HashKVResponse answer = maintenance(member).hashKV(HashKVRequest.getDefaultInstance());
      assertThat(answer.getHashRevision()).isEqualTo(1);
      hashes.add(answer.getHash());
      assertThat(maintenance(member).hash(HashRequest.getDefaultInstance()).getHash())
          .isEqualTo(answer.getHash());
    }
    assertThat(hashes).hasSize(1);
  }

  @Test
  void b106ThereAreNoAlarms() {
    for (AlarmRequest.AlarmAction action :
        new AlarmRequest.AlarmAction[] {
          AlarmRequest.AlarmAction.GET, AlarmRequest.AlarmAction.DEACTIVATE
        }) {
      assertThat(
              maintenance("n1")
                  .alarm(AlarmRequest.newBuilder().setAction(action).build())
                  .getAlarmsList())
          .isEmpty();
    }
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
