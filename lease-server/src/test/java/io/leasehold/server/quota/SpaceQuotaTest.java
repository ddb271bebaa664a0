package io.leasehold.server.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.DefragmentRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.core.command.Alarm;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.KeepAliveClient;
import io.leasehold.server.fake.TestCluster;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is refused, and what goes on, when a member's disk has had enough. */
@Timeout(60)
final class SpaceQuotaTest {
  private static final long QUOTA_BYTES = 2L << 30;

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = TestCluster.start("n1", "n2", "n3");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private void put(String member, String key, int bytes) {
    var unused =
        cluster
            .keys(member)
            .put(
                PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(key))
                    .setValue(ByteString.copyFrom(new byte[bytes]))
                    .build());
  }

  private static void assertNoSpace(ThrowingCallable call) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refused.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(refused.getStatus().getDescription())
        .isEqualTo("etcdserver: mvcc: database space exceeded");
  }

  private void fill(String member) {
    cluster.replica(member).stateBytes(QUOTA_BYTES + 1);
    AlarmRecord alarm = new AlarmRecord(cluster.engine(member).memberId(member), Alarm.NO_SPACE);
    for (String each : new String[] {"n1", "n2", "n3"}) {
      Await.until(() -> cluster.replica(each).alarms().contains(alarm));
    }
  }

  @Test
  void aMemberAboveItsQuotaRaisesTheAlarmForAll() {
    put("n1", "kept", 1);
    fill("n3");
    for (String member : new String[] {"n1", "n2", "n3"}) {
      assertNoSpace(() -> put(member, "a", 1));
      assertNoSpace(
          () ->
              cluster
                  .keys(member)
                  .txn(
                      TxnRequest.newBuilder()
                          .addFailure(
                              RequestOp.newBuilder()
                                  .setRequestPut(
                                      PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("a"))))
                          .build()));
    }
    assertThat(
            cluster
                .keys("n2")
                .deleteRange(
                    DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("kept")).build())
                .getDeleted())
        .isEqualTo(1);
  }

  @Test
  void c12_underTheAlarmALeaseIsNotGrantedAndLeavesNothingBehind() {
    fill("n1");
    for (String member : new String[] {"n1", "n2"}) {
      assertNoSpace(
          () ->
              cluster.leases(member).leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()));
      assertThat(
              cluster
                  .leases(member)
                  .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                  .getLeasesList())
          .isEmpty();
    }
  }

  @Test
  void c21_underTheAlarmLeasesAreRenewedAndRevoked() throws Exception {
    long leaseId =
        cluster.leases("n2").leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()).getID();
    fill("n2");
    KeepAliveClient client = KeepAliveClient.open(LeaseGrpc.newStub(cluster.channel("n2")));
    client.send(leaseId);
    assertThat(client.next().getTTL()).isEqualTo(60);
    assertThat(
            cluster
                .leases("n2")
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(leaseId).build())
                .hasHeader())
        .isTrue();
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeItIsWrittenAndRaisesTheAlarm() {
    cluster.replica("n2").stateBytes(QUOTA_BYTES - 5000);
    Await.until(
        () ->
            MaintenanceGrpc.newBlockingStub(cluster.channel("n2"))
                    .status(StatusRequest.getDefaultInstance())
                    .getDbSize()
                == QUOTA_BYTES - 5000);
    Await.until(
        () -> {
          try {
            put("n2", "a", 6000);
            return false;
          } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Code.RESOURCE_EXHAUSTED;
          }
        });
    Await.until(() -> cluster.replica("n1").alarms().size() == 1);
  }

  @Test
  void afterTheAlarmIsDisarmedPutsAreTakenAgain() {
    fill("n3");
    cluster.replica("n3").stateBytes(1000);
    Await.until(
        () -> {
          var unused =
              MaintenanceGrpc.newBlockingStub(cluster.channel("n1"))
                  .alarm(
                      AlarmRequest.newBuilder()
                          .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                          .setMemberID(cluster.engine("n3").memberId("n3"))
                          .setAlarm(AlarmType.NOSPACE)
                          .build());
          try {
            put("n3", "a", 1);
            return true;
          } catch (StatusRuntimeException e) {
            return false;
          }
        });
  }

  /** Several times: the size may happen to be looked up in time by itself. */
  @Test
  void afterADefragmentationPutsAreJudgedByWhatIsLeft() {
    for (int i = 0; i < 5; i++) {
      fill("n3");
      cluster.replica("n3").stateBytes(1000);
      var maintenance = MaintenanceGrpc.newBlockingStub(cluster.channel("n3"));
      var unused = maintenance.defragment(DefragmentRequest.getDefaultInstance());
      var unusedToo =
          maintenance.alarm(
              AlarmRequest.newBuilder()
                  .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                  .setMemberID(cluster.engine("n3").memberId("n3"))
                  .setAlarm(AlarmType.NOSPACE)
                  .build());
      put("n3", "a", 1);
    }
  }

  @Test
  void statusTellsTheQuota() {
    assertThat(
            MaintenanceGrpc.newBlockingStub(cluster.channel("n1"))
                .status(StatusRequest.getDefaultInstance())
                .getDbSizeQuota())
        .isEqualTo(QUOTA_BYTES);
  }
}
