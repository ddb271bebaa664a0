package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.api.v3electionpb.CampaignRequest;
import io.leasehold.api.v3electionpb.CampaignResponse;
import io.leasehold.api.v3electionpb.ElectionGrpc;
import io.leasehold.api.v3electionpb.LeaderKey;
import io.leasehold.api.v3electionpb.LeaderRequest;
import io.leasehold.api.v3electionpb.LeaderResponse;
import io.leasehold.api.v3electionpb.ProclaimRequest;
import io.leasehold.api.v3electionpb.ResignRequest;
import io.leasehold.api.v3lockpb.LockGrpc;
import io.leasehold.api.v3lockpb.LockRequest;
import io.leasehold.api.v3lockpb.LockResponse;
import io.leasehold.api.v3lockpb.UnlockRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behaviours 101 to 105 of the wire contract: etcd's services for locks and elections. */
final class LocksIT extends OnEachMember {
  private static final long TTL_SECONDS = 600;
  private static final Duration SHORT_TTL = Duration.ofSeconds(2);

  private static final Duration SETTLED_MAX = Duration.ofSeconds(10);
  private static final long CALL_SECONDS_MAX = 10;

  @BeforeAll
  static void start() {
    cluster = Cluster.start(home);
  }

  private long grant() {
    return Cluster.grant(member, TTL_SECONDS);
  }

  private static Future<LockResponse> lock(MemberProcess through, String name, long lease) {
    return LockGrpc.newFutureStub(through.channel())
        .lock(LockRequest.newBuilder().setName(Keys.bytes(name)).setLease(lease).build());
  }

  /** Gives a lock back and returns the revision. */
  private static long unlock(MemberProcess through, ByteString key) {
    return LockGrpc.newBlockingStub(through.channel())
        .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
        .unlock(UnlockRequest.newBuilder().setKey(key).build())
        .getHeader()
        .getRevision();
  }

  /** Waits until so many stand in the line of a name. */
  private static void awaitLine(MemberProcess through, String name, int count) {
    Conditions.await(
        count + " stand in line for " + name,
        SETTLED_MAX,
        () -> Keys.withPrefix(through, name + "/").size() == count);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c101_aLockIsHeldByOneLeaseAndGoesToTheNextInLine(int index) {
    through(index);
    MemberProcess elsewhere = cluster.member((index + 1) % 3);
    String name = key("lock");
    long first = grant();
    long second = grant();
    long third = grant();
    ByteString held = answerOf(lock(member, name, first)).getKey();
    assertThat(held.toStringUtf8()).isEqualTo(name + "/" + Long.toHexString(first));
    KeyValue holder = Keys.get(member, held.toStringUtf8());
    assertThat(holder.getLease()).isEqualTo(first);

    Future<LockResponse> next = lock(member, name, second);
    awaitLine(member, name, 2);
    Future<LockResponse> last = lock(elsewhere, name, third);
    awaitLine(member, name, 3);
    LockResponse again = answerOf(lock(elsewhere, name, first));
    assertThat(again.getKey()).isEqualTo(held);
    assertThat(next.isDone()).isFalse();

    long unlocked = unlock(elsewhere, held);
    LockResponse won = answerOf(next);
    assertThat(won.getKey().toStringUtf8()).isEqualTo(name + "/" + Long.toHexString(second));
    assertThat(won.getHeader().getRevision()).isGreaterThanOrEqualTo(unlocked);
    assertThat(Keys.get(member, won.getKey().toStringUtf8()).getCreateRevision())
        .isGreaterThan(holder.getCreateRevision());
    assertThat(last.isDone()).isFalse();

    // That the last one had to wait for the second shows in the revision it is answered at.
    long unlockedAgain = unlock(member, won.getKey());
    assertThat(answerOf(last).getHeader().getRevision()).isGreaterThanOrEqualTo(unlockedAgain);
    assertThat(unlockedAgain).isGreaterThan(unlocked);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c101_theKeyOfANegativeLeaseHasASign(int index) {
    through(index);
    var unused =
        member
            .leases()
            .leaseGrant(LeaseGrantRequest.newBuilder().setID(-255).setTTL(TTL_SECONDS).build());
    assertThat(answerOf(lock(member, key("lock"), -255)).getKey().toStringUtf8())
        .isEqualTo(key("lock/-ff"));
  }

  /**
   * In one line the lease of who waits ends, in another that of who holds. All lines at once, for
   * the sake of time.
   */
  @Test
  void c102And103_aLeaseThatEndsInLineIsToldSoAndTheEndOfTheHoldersLetsTheNextOneIn() {
    Map<MemberProcess, Future<LockResponse>> ending = new HashMap<>();
    Map<MemberProcess, ByteString> holders = new HashMap<>();
    Map<MemberProcess, Future<LockResponse>> waiters = new HashMap<>();
    Map<MemberProcess, Long> grantedNanos = new HashMap<>();
    for (MemberProcess each : cluster.members()) {
      holders.put(
          each, answerOf(lock(each, held(each), Cluster.grant(each, TTL_SECONDS))).getKey());
      long waiter = Cluster.grant(each, TTL_SECONDS);
      grantedNanos.put(each, System.nanoTime());
      var unused = answerOf(lock(each, lost(each), Cluster.grant(each, SHORT_TTL.toSeconds())));
      waiters.put(each, lock(each, lost(each), waiter));
      ending.put(each, lock(each, held(each), Cluster.grant(each, SHORT_TTL.toSeconds())));
    }
    for (MemberProcess each : cluster.members()) {
      LockResponse won = answerOf(waiters.get(each));
      assertThat(Duration.ofNanos(System.nanoTime() - grantedNanos.get(each)))
          .isGreaterThanOrEqualTo(SHORT_TTL);
      assertThat(Keys.withPrefix(each, lost(each) + "/"))
          .extracting(KeyValue::getKey)
          .containsExactly(won.getKey());
    }
    for (MemberProcess each : cluster.members()) {
      assertRefused(() -> answerOf(ending.get(each)), Code.UNKNOWN, "mutex: session is expired");
      assertThat(Keys.withPrefix(each, held(each) + "/"))
          .extracting(KeyValue::getKey)
          .containsExactly(holders.get(each));
    }
  }

  /** The lock whose holder stays. */
  private String held(MemberProcess through) {
    return key("held/" + through.name());
  }

  /** The lock whose holder's lease ends. */
  private String lost(MemberProcess through) {
    return key("lost/" + through.name());
  }

  private static ElectionGrpc.ElectionBlockingStub elections(MemberProcess through) {
    return ElectionGrpc.newBlockingStub(through.channel())
        .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private Future<CampaignResponse> campaign(MemberProcess through, long lease, String value) {
    return ElectionGrpc.newFutureStub(through.channel())
        .campaign(
            CampaignRequest.newBuilder()
                .setName(Keys.bytes(key("office")))
                .setLease(lease)
                .setValue(Keys.bytes(value))
                .build());
  }

  private LeaderRequest office() {
    return LeaderRequest.newBuilder().setName(Keys.bytes(key("office"))).build();
  }

  private static ProclaimRequest proclamation(LeaderKey leader, String value) {
    return ProclaimRequest.newBuilder().setLeader(leader).setValue(Keys.bytes(value)).build();
  }

  private static String next(Iterator<LeaderResponse> observed) {
    return observed.next().getKv().getValue().toStringUtf8();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c104_anElectionHasOneLeaderWhoProclaimsAndResigns(int index) {
    through(index);
    MemberProcess elsewhere = cluster.member((index + 1) % 3);
    assertRefused(() -> elections(member).leader(office()), Code.UNKNOWN, "election: no leader");
    Iterator<LeaderResponse> observed = elections(elsewhere).observe(office());
    long lease = grant();
    LeaderKey leader = answerOf(campaign(member, lease, "one")).getLeader();
    assertThat(leader.getName()).isEqualTo(Keys.bytes(key("office")));
    assertThat(leader.getKey().toStringUtf8()).isEqualTo(key("office/") + Long.toHexString(lease));
    assertThat(leader.getLease()).isEqualTo(lease);
    assertThat(leader.getRev())
        .isEqualTo(Keys.get(member, leader.getKey().toStringUtf8()).getCreateRevision());
    assertThat(next(observed)).isEqualTo("one");

    Future<CampaignResponse> candidate = campaign(elsewhere, grant(), "two");
    awaitLine(member, key("office"), 2);
    assertThat(elections(member).proclaim(proclamation(leader, "one, again")).hasHeader()).isTrue();
    assertThat(next(observed)).isEqualTo("one, again");
    LeaderResponse known = elections(elsewhere).leader(office());
    assertThat(known.getKv().getKey()).isEqualTo(leader.getKey());
    assertThat(known.getKv().getValue()).isEqualTo(Keys.bytes("one, again"));
    assertThat(candidate.isDone()).isFalse();

    long resigned =
        elections(member)
            .resign(ResignRequest.newBuilder().setLeader(leader).build())
            .getHeader()
            .getRevision();
    CampaignResponse won = answerOf(candidate);
    assertThat(won.getHeader().getRevision()).isGreaterThanOrEqualTo(resigned);
    assertThat(won.getLeader().getRev()).isGreaterThan(leader.getRev());
    assertThat(next(observed)).isEqualTo("two");
    assertRefused(
        () -> elections(member).proclaim(proclamation(leader, "late")),
        Code.UNKNOWN,
        "election: not leader");
    // Who resigns from what another holds by now takes nothing away.
    assertThat(
            elections(member)
                .resign(
                    ResignRequest.newBuilder()
                        .setLeader(won.getLeader().toBuilder().setRev(leader.getRev()))
                        .build())
                .hasHeader())
        .isTrue();
    assertThat(elections(member).leader(office()).getKv().getValue()).isEqualTo(Keys.bytes("two"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c104_whoProclaimsOrResignsMustSayWhatTheyHold(int index) {
    through(index);
    String missing = "\"leader\" field must be provided";
    assertRefused(
        () -> elections(member).proclaim(ProclaimRequest.getDefaultInstance()),
        Code.UNKNOWN,
        missing);
    assertRefused(
        () -> elections(member).resign(ResignRequest.getDefaultInstance()), Code.UNKNOWN, missing);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c105_aCandidateWhoseKeyIsGoneDoesNotWin(int index) {
    through(index);
    LeaderKey leader = answerOf(campaign(member, grant(), "one")).getLeader();
    long lease = grant();
    Future<CampaignResponse> candidate = campaign(member, lease, "two");
    awaitLine(member, key("office"), 2);
    long unused = Keys.delete(member, key("office/") + Long.toHexString(lease));
    assertRefused(() -> answerOf(candidate), Code.UNKNOWN, "election: not leader");
    assertThat(elections(member).resign(ResignRequest.newBuilder().setLeader(leader).build()))
        .matches(resigned -> resigned.hasHeader());
    assertRefused(() -> elections(member).leader(office()), Code.UNKNOWN, "election: no leader");
  }
}
