package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.AlarmMember;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.DefragmentRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.api.etcdserverpb.TxnRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three members whose state outgrows its quota: what is refused, what goes on, the way back. */
@Tag("long")
@Timeout(180)
final class QuotaIT {
  private static final long QUOTA_BYTES = 16 << 20;
  private static final int VALUE_BYTES = 256 << 10;
  private static final int KEYS = 4;

  /** Many times what fits. */
  private static final int PUTS_MAX = 1000;

  private static final long TTL_SECONDS = 600;

  /** Longer than one put takes, so that a lease renewed between puts lives on. */
  private static final long SHORT_TTL_SECONDS = 10;

  private static final Duration SETTLED_MAX = Duration.ofSeconds(30);
  private static final long MAINTENANCE_SECONDS_MAX = 60;

  @TempDir Path home;
  private Cluster cluster;

  /** The values must not become smaller on disk. */
  private final Random random = new Random(1);

  @BeforeEach
  void start() {
    cluster = Cluster.start(home, "--quota-backend-bytes", String.valueOf(QUOTA_BYTES));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private ByteString value() {
    byte[] bytes = new byte[VALUE_BYTES];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static PutRequest put(String key, ByteString value) {
    return PutRequest.newBuilder().setKey(Keys.bytes(key)).setValue(value).build();
  }

  private static MaintenanceGrpc.MaintenanceBlockingStub maintenance(MemberProcess member) {
    return MaintenanceGrpc.newBlockingStub(member.channel())
        .withDeadlineAfter(MAINTENANCE_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static List<AlarmMember> alarms(MemberProcess member) {
    return maintenance(member).alarm(AlarmRequest.getDefaultInstance()).getAlarmsList();
  }

  private static long renew(MemberProcess member, long lease) {
    try (var renewals = Conversation.renewals(member)) {
      return renewals.ask(LeaseKeepAliveRequest.newBuilder().setID(lease).build()).getTTL();
    }
  }

  private static void assertNoSpace(ThrowingCallable call) {
    OnEachMember.assertRefused(
        call, Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded");
  }

  /** Puts the same keys through all members in turn until one refuses, and all know why. */
  private void fill(Runnable betweenPuts) {
    int puts = 0;
    try {
      for (; puts < PUTS_MAX; puts++) {
        var unused = Keys.of(cluster.member(puts % 3)).put(put("full/" + puts % KEYS, value()));
        betweenPuts.run();
      }
      throw new AssertionError("no quota after " + puts + " puts");
    } catch (StatusRuntimeException e) {
      assertNoSpace(
          () -> {
            throw e;
          });
    }
    assertThat(puts * (long) VALUE_BYTES).isBetween(QUOTA_BYTES / 4, QUOTA_BYTES);
    Conditions.await(
        "all members know the alarm",
        SETTLED_MAX,
        () -> cluster.members().stream().noneMatch(member -> alarms(member).isEmpty()));
  }

  private void assertWritesAreRefused(MemberProcess through) {
    PutRequest small = put("small", Keys.bytes("v"));
    RequestOp putOp = RequestOp.newBuilder().setRequestPut(small).build();
    assertNoSpace(() -> Keys.of(through).put(small));
    assertNoSpace(() -> Keys.of(through).txn(TxnRequest.newBuilder().addSuccess(putOp).build()));
    assertNoSpace(() -> Keys.of(through).txn(TxnRequest.newBuilder().addFailure(putOp).build()));
    assertNoSpace(
        () ->
            through
                .leases()
                .leaseGrant(LeaseGrantRequest.newBuilder().setID(12).setTTL(TTL_SECONDS).build()));
    assertThat(Keys.get(through, "small")).isNull();
    assertThat(Cluster.leaseIds(through)).doesNotContain(12L);
  }

  /** Every member tells the same alarms, and in its status what they and its size are. */
  private void assertAlarmIsTold() {
    List<AlarmMember> known = alarms(cluster.member(0));
    assertThat(known).isNotEmpty().allMatch(alarm -> alarm.getAlarm() == AlarmType.NOSPACE);
    assertThat(known)
        .extracting(AlarmMember::getMemberID)
        .isSubsetOf(
            cluster.members().stream()
                .map(member -> member.status().getHeader().getMemberId())
                .toList());
    for (MemberProcess member : cluster.members()) {
      assertThat(alarms(member)).containsAll(known);
      StatusResponse status = member.status();
      assertThat(status.getErrorsList())
          .containsAll(
              known.stream()
                  .map(
                      alarm ->
                          "memberID:"
                              + Long.toUnsignedString(alarm.getMemberID())
                              + " alarm:NOSPACE ")
                  .toList());
      assertThat(status.getDbSizeQuota()).isEqualTo(QUOTA_BYTES);
      assertThat(status.getDbSize()).isPositive();
      assertThat(status.getDbSizeInUse()).isPositive();
    }
  }

  private void assertRecovered() {
    for (MemberProcess member : cluster.members()) {
      StatusResponse status = member.status();
      assertThat(status.getErrorsList()).isEmpty();
      assertThat(status.getDbSize()).isLessThan(QUOTA_BYTES / 2);
      assertThat(Keys.put(member, "again/" + member.name(), "v")).isPositive();
      assertThat(Cluster.grant(member, TTL_SECONDS)).isPositive();
      assertThat(alarms(member)).isEmpty();
    }
    assertThat(cluster.awaitEqualStates(SETTLED_MAX)).isNotNull();
  }

  @Test
  void c12And21_aFullClusterRefusesWhatGrowsAndGoesOnWithTheRestUntilItIsMadeSmaller() {
    MemberProcess follower = cluster.follower();
    long revoked = Cluster.grant(follower, TTL_SECONDS);
    long kept = Cluster.grant(follower, TTL_SECONDS);
    long ending = Cluster.grant(follower, SHORT_TTL_SECONDS);
    long unused = Keys.put(follower, "revoked", "v", revoked);
    unused = Keys.put(follower, "ending", "v", ending);
    unused = Keys.put(follower, "deleted", "v");
    unused = Keys.put(follower, "deleted in a transaction", "v");
    fill(() -> assertThat(renew(follower, ending)).isEqualTo(SHORT_TTL_SECONDS));
    assertThat(renew(follower, ending)).isEqualTo(SHORT_TTL_SECONDS);

    long full = Keys.revision(follower);
    cluster.members().forEach(this::assertWritesAreRefused);
    assertAlarmIsTold();
    assertThat(Keys.revision(follower)).isEqualTo(full);
    for (MemberProcess member : cluster.members()) {
      assertThat(renew(member, kept)).isEqualTo(TTL_SECONDS);
      assertThat(Cluster.remainingSeconds(member, kept)).isPositive();
      assertThat(Keys.withPrefix(member, "full/")).hasSize(KEYS);
    }
    assertThat(Keys.delete(follower, "deleted")).isEqualTo(full + 1);
    assertThat(
            Keys.of(follower)
                .txn(
                    TxnRequest.newBuilder()
                        .addSuccess(
                            RequestOp.newBuilder()
                                .setRequestDeleteRange(
                                    DeleteRangeRequest.newBuilder()
                                        .setKey(Keys.bytes("deleted in a transaction"))))
                        .addSuccess(
                            RequestOp.newBuilder()
                                .setRequestRange(
                                    RangeRequest.newBuilder().setKey(Keys.bytes("full/0"))))
                        .build())
                .getHeader()
                .getRevision())
        .isEqualTo(full + 2);
    unused = OnEachMember.revoke(follower, revoked);
    for (MemberProcess member : cluster.members()) {
      assertThat(Keys.get(member, "revoked")).isNull();
    }
    Conditions.await(
        "a lease that nobody renews ends in a full cluster",
        SETTLED_MAX,
        () -> Keys.get(follower, "ending") == null);
    assertThat(Cluster.leaseIds(follower)).containsExactly(kept);

    follower.kill();
    follower.start();
    cluster.awaitReady();
    cluster.assertAllRun();
    assertAlarmIsTold();
    assertWritesAreRefused(follower);

    makeSmaller(follower);
    assertRecovered();
  }

  private void makeSmaller(MemberProcess through) {
    var unused =
        Keys.of(through)
            .compact(
                CompactionRequest.newBuilder()
                    .setRevision(Keys.revision(through))
                    .setPhysical(true)
                    .build());
    for (MemberProcess member : cluster.members()) {
      assertThat(maintenance(member).defragment(DefragmentRequest.getDefaultInstance()).hasHeader())
          .isTrue();
    }
    for (AlarmMember alarm : alarms(through)) {
      assertThat(
              maintenance(through)
                  .alarm(
                      AlarmRequest.newBuilder()
                          .setAction(AlarmAction.DEACTIVATE)
                          .setMemberID(alarm.getMemberID())
                          .setAlarm(alarm.getAlarm())
                          .build())
                  .getAlarmsList())
          .containsExactly(alarm);
    }
  }

  @Test
  void etcdctlsRecipeBringsWritesBack() {
    Etcdctl.assumeInstalled();
    String all = cluster.endpoints();
    fill(() -> {});
    assertThat(Etcdctl.output(all, "alarm", "list")).contains(" alarm:NOSPACE \n");
    Etcdctl.Result refused = Etcdctl.run(all, "put", "small", "v");
    assertThat(refused.code()).isNotZero();
    assertThat(refused.output()).contains("etcdserver: mvcc: database space exceeded");
    long newest = Keys.revision(cluster.member(0));
    assertThat(Etcdctl.output(all, "compaction", Long.toString(newest)))
        .isEqualTo("compacted revision " + newest + "\n");
    String defragmented = Etcdctl.output(all, "defrag");
    for (MemberProcess member : cluster.members()) {
      assertThat(defragmented)
          .contains("Finished defragmenting etcd member[" + member.endpoint() + "]");
    }
    assertThat(Etcdctl.output(all, "alarm", "disarm")).contains(" alarm:NOSPACE \n");
    assertThat(Etcdctl.output(all, "alarm", "list")).isEmpty();
    assertThat(Etcdctl.output(all, "put", "small", "v")).isEqualTo("OK\n");
    assertRecovered();
  }
}
