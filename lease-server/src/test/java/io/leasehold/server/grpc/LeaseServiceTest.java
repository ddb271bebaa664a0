package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.server.fake.TestCluster;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Unary calls against three members; the numbers are those of the wire contract. */
@Timeout(60)
final class LeaseServiceTest {
  private static TestCluster cluster;
  private static LeaseGrpc.LeaseBlockingStub leader;
  private static LeaseGrpc.LeaseBlockingStub follower;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start("n1", "n2", "n3");
    leader = cluster.leases("n1");
    follower = cluster.leases("n2");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void b01GrantChoosesPositiveIdAndAnswersTheTtl() {
    LeaseGrantResponse granted = grant(leader, 0, 10);
    assertThat(granted.getID()).isPositive();
    assertThat(granted.getTTL()).isEqualTo(10);
    assertThat(granted.getError()).isEmpty();
    assertThat(granted.getHeader().getRevision()).isEqualTo(1);
    assertThat(granted.getHeader().getClusterId()).isEqualTo(77);
    assertThat(granted.getHeader().getMemberId()).isEqualTo(cluster.engine("n1").memberId("n1"));
    assertThat(granted.getHeader().getRaftTerm()).isPositive();
  }

  @Test
  void b02To04ShortTtlsAreRaisedToTheMinimum() {
    // Three quarters of a second, rounded up.
    assertThat(grant(leader, 0, 0).getTTL()).isEqualTo(1);
    assertThat(grant(leader, 0, -5).getTTL()).isEqualTo(1);
    assertThat(grant(follower, 0, Long.MIN_VALUE).getTTL()).isEqualTo(1);
    assertThat(grant(follower, 0, 2).getTTL()).isEqualTo(2);
  }

  @Test
  void b05And06TheLongestTtlIsGrantedAndOneSecondMoreIsNot() {
    assertThat(grant(leader, 0, 9_000_000_000L).getTTL()).isEqualTo(9_000_000_000L);
    assertRefused(
        () -> grant(leader, 0, 9_000_000_001L),
        Code.OUT_OF_RANGE,
        "etcdserver: too large lease TTL");
    assertRefused(
        () -> grant(follower, 0, Long.MAX_VALUE),
        Code.OUT_OF_RANGE,
        "etcdserver: too large lease TTL");
  }

  @Test
  void b07DuplicateIdIsRefusedAndTheFirstLeaseStays() {
    grant(leader, 4711, 100);
    for (LeaseGrpc.LeaseBlockingStub stub : List.of(leader, follower)) {
      assertRefused(
          () -> grant(stub, 4711, 5), Code.FAILED_PRECONDITION, "etcdserver: lease already exists");
    }
    assertThat(timeToLive(leader, 4711).getGrantedTTL()).isEqualTo(100);
  }

  @Test
  void b08NegativeAndExtremeIdsAreIdsLikeOthers() {
    for (long leaseId : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThat(grant(follower, leaseId, 60).getID()).isEqualTo(leaseId);
      assertThat(timeToLive(leader, leaseId).getGrantedTTL()).isEqualTo(60);
      revoke(follower, leaseId);
      assertThat(timeToLive(leader, leaseId).getTTL()).isEqualTo(-1);
    }
  }

  @Test
  void b09RevokedIdMayBeGrantedAgain() {
    grant(leader, 7, 60);
    revoke(leader, 7);
    grant(leader, 7, 90);
    assertThat(timeToLive(leader, 7).getGrantedTTL()).isEqualTo(90);
  }

  @Test
  void b13And14RevokingAnUnknownLeaseIsNotFoundOnEveryMember() {
    grant(leader, 14, 60);
    revoke(follower, 14);
    for (LeaseGrpc.LeaseBlockingStub stub : List.of(leader, follower)) {
      assertRefused(
          () -> revoke(stub, 14), Code.NOT_FOUND, "etcdserver: requested lease not found");
    }
  }

  @Test
  void b15RevokeWithoutKeysKeepsTheRevision() {
    grant(leader, 15, 60);
    assertThat(
            leader
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(15).build())
                .getHeader()
                .getRevision())
        .isEqualTo(1);
  }

  @Test
  void b44TimeToLiveOfKnownLeaseIsAtMostWhatWasGranted() {
    grant(leader, 44, 60);
    LeaseTimeToLiveResponse answer = timeToLive(leader, 44);
    assertThat(answer.getID()).isEqualTo(44);
    assertThat(answer.getTTL()).isBetween(50L, 60L);
    assertThat(answer.getGrantedTTL()).isEqualTo(60);
    assertThat(answer.getKeysList()).isEmpty();
  }

  @Test
  void b46TimeToLiveOfUnknownLeaseIsMinusOne() {
    for (LeaseGrpc.LeaseBlockingStub stub : List.of(leader, follower)) {
      LeaseTimeToLiveResponse answer = timeToLive(stub, 999_046);
      assertThat(answer.getID()).isEqualTo(999_046);
      assertThat(answer.getTTL()).isEqualTo(-1);
      assertThat(answer.getGrantedTTL()).isZero();
    }
  }

  @Test
  void b48TimeToLiveOnFollowerIsThatOfTheLeader() {
    grant(follower, 48, 60);
    assertThat(timeToLive(follower, 48).getTTL()).isBetween(50L, 60L);
    assertThat(timeToLive(follower, 48).getGrantedTTL()).isEqualTo(60);
    assertThat(timeToLive(follower, 48).getHeader().getMemberId())
        .isEqualTo(cluster.engine("n2").memberId("n2"));
  }

  @Test
  void b50LeasesOnEveryMemberHasWhatWasJustGrantedInOrderOfIds() {
    grant(follower, 5_002, 60);
    grant(leader, -5_001, 60);
    for (String member : List.of("n1", "n2", "n3")) {
      List<Long> ids =
          cluster
              .leases(member)
              .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
              .getLeasesList()
              .stream()
              .map(LeaseStatus::getID)
              .toList();
      assertThat(ids).contains(-5_001L, 5_002L).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void b51WithoutLeasesTheListIsEmpty() throws Exception {
    try (TestCluster empty = TestCluster.start("n1")) {
      assertThat(
              empty
                  .leases("n1")
                  .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                  .getLeasesList())
          .isEmpty();
    }
  }

  @Test
  void messageAboveTheLimitIsRefusedAndTheConnectionGoesOn() {
    // Unknown fields count: they are read before anybody can tell.
    byte[] large = new byte[2 * 1024 * 1024 + 1];
    com.google.protobuf.UnknownFieldSet unknown =
        com.google.protobuf.UnknownFieldSet.newBuilder()
            .addField(
                99,
                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(com.google.protobuf.ByteString.copyFrom(large))
                    .build())
            .build();
    LeaseGrpc.LeaseBlockingStub stub = cluster.leases("n1");
    LeaseGrantRequest request =
        LeaseGrantRequest.newBuilder().setTTL(5).setUnknownFields(unknown).build();
    StatusRuntimeException refused =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            StatusRuntimeException.class, () -> stub.leaseGrant(request));
    assertThat(refused.getStatus().getCode())
        .isIn(Code.RESOURCE_EXHAUSTED, Code.CANCELLED, Code.INTERNAL);
    assertThat(grant(stub, 0, 5).getTTL()).isEqualTo(5);
  }

  static LeaseGrantResponse grant(LeaseGrpc.LeaseBlockingStub stub, long leaseId, long ttl) {
    return stub.leaseGrant(LeaseGrantRequest.newBuilder().setID(leaseId).setTTL(ttl).build());
  }

  static void revoke(LeaseGrpc.LeaseBlockingStub stub, long leaseId) {
    assertThat(stub.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(leaseId).build()).hasHeader())
        .isTrue();
  }

  static LeaseTimeToLiveResponse timeToLive(LeaseGrpc.LeaseBlockingStub stub, long leaseId) {
    return stub.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(leaseId).build());
  }

  static void assertRefused(ThrowingCallable call, Code code, String text) {
    StatusRuntimeException refused =
        org.assertj.core.api.Assertions.catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refused).isNotNull();
    Status status = refused.getStatus();
    assertThat(status.getCode()).isEqualTo(code);
    assertThat(status.getDescription()).isEqualTo(text);
  }
}
