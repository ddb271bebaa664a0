package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.Event.EventType;
import io.leasehold.api.mvccpb.KeyValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behaviours 1 to 51 of the wire contract: what leases do, through each member. */
final class LeasesIT extends OnEachMember {
  private static final long TTL_SECONDS = 600;

  /** How much later than its TTL a lease may end, with the time its end takes to be heard of. */
  private static final Duration LATE_MAX = Duration.ofSeconds(1);

  private static final Duration SETTLED_MAX = Duration.ofSeconds(10);

  /** More than a request takes to arrive and be looked at. */
  private static final Duration ARRIVAL = Duration.ofMillis(100);

  /** Scenarios that a change of leadership spoilt are played again, up to so many in all. */
  private static final int PLAYS_MAX = 3;

  @BeforeAll
  static void start() {
    cluster = Cluster.start(home);
  }

  private static LeaseGrantResponse grant(MemberProcess through, long id, long ttlSeconds) {
    return through
        .leases()
        .leaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build());
  }

  private long grant() {
    return Cluster.grant(member, TTL_SECONDS);
  }

  private long effectiveTtl(long requestedSeconds) {
    return grant(member, 0, requestedSeconds).getTTL();
  }

  private static LeaseTimeToLiveResponse timeToLive(
      MemberProcess through, long lease, boolean keys) {
    return through
        .leases()
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(keys).build());
  }

  private static LeaseKeepAliveRequest renewal(long lease) {
    return LeaseKeepAliveRequest.newBuilder().setID(lease).build();
  }

  private static LeaseKeepAliveResponse renew(MemberProcess through, long lease) {
    try (var renewals = Conversation.renewals(through)) {
      return renewals.ask(renewal(lease));
    }
  }

  private static void assertComplete(ResponseHeader header, MemberProcess from) {
    ResponseHeader known = from.status().getHeader();
    assertThat(header.getClusterId()).isNotZero().isEqualTo(known.getClusterId());
    assertThat(header.getMemberId()).isNotZero().isEqualTo(known.getMemberId());
    assertThat(header.getRaftTerm()).isNotZero().isEqualTo(known.getRaftTerm());
    assertThat(header.getRevision()).isPositive();
  }

  private static void assertGone(long lease) {
    for (MemberProcess each : cluster.members()) {
      assertThat(Cluster.remainingSeconds(each, lease)).isEqualTo(-1);
      assertThat(Cluster.leaseIds(each)).doesNotContain(lease);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c1_aGrantAnswersAPositiveIdAndTheTtlAndKeepsTheRevision(int index) {
    through(index);
    long before = Keys.put(member, key("a"), "1");
    LeaseGrantResponse granted = grant(member, 0, 10);
    assertThat(granted.getID()).isPositive();
    assertThat(granted.getTTL()).isEqualTo(10);
    assertThat(granted.getError()).isEmpty();
    assertComplete(granted.getHeader(), member);
    assertThat(granted.getHeader().getRevision()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c2To4_shortTtlsAreRaisedToTheMinimum(int index) {
    through(index);
    assertThat(effectiveTtl(1)).isEqualTo(2);
    assertThat(effectiveTtl(0)).isEqualTo(2);
    assertThat(effectiveTtl(-5)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c5And6_theLongestTtlIsGrantedAndOneSecondMoreIsNot(int index) {
    through(index);
    assertThat(effectiveTtl(9_000_000_000L)).isEqualTo(9_000_000_000L);
    assertRefused(
        () -> effectiveTtl(9_000_000_001L), Code.OUT_OF_RANGE, "etcdserver: too large lease TTL");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c7_anIdThatIsTakenIsRefusedAndItsLeaseStaysAsItWas(int index) {
    through(index);
    assertThat(grant(member, 1, TTL_SECONDS).getID()).isEqualTo(1);
    for (MemberProcess each : cluster.members()) {
      assertRefused(
          () -> grant(each, 1, 60), Code.FAILED_PRECONDITION, "etcdserver: lease already exists");
    }
    LeaseTimeToLiveResponse first = timeToLive(member, 1, false);
    assertThat(first.getGrantedTTL()).isEqualTo(TTL_SECONDS);
    assertThat(first.getTTL()).isGreaterThan(TTL_SECONDS - 60);
  }

  @Test
  void c8_negativeAndExtremeIdsSurviveARestartAndTheirKeysEndWithThem() {
    long[] ids = {-1, Long.MAX_VALUE, Long.MIN_VALUE};
    for (int i = 0; i < ids.length; i++) {
      through(i);
      assertThat(grant(member, ids[i], TTL_SECONDS).getID()).isEqualTo(ids[i]);
      long unused = Keys.put(member, key("k" + i), "v", ids[i]);
    }
    cluster.members().forEach(MemberProcess::kill);
    cluster.members().forEach(MemberProcess::start);
    cluster.awaitReady();
    for (int i = 0; i < ids.length; i++) {
      through(i);
      assertThat(Cluster.leaseIds(member))
          .contains(ids[(i + 1) % ids.length], ids[(i + 2) % ids.length]);
      LeaseTimeToLiveResponse kept = timeToLive(member, ids[i], true);
      assertThat(kept.getGrantedTTL()).isEqualTo(TTL_SECONDS);
      assertThat(kept.getKeysList()).containsExactly(Keys.bytes(key("k" + i)));
    }
    for (int i = 0; i < ids.length; i++) {
      through((i + 1) % ids.length);
      long unused = revoke(member, ids[i]);
      for (MemberProcess each : cluster.members()) {
        assertThat(Keys.get(each, key("k" + i))).isNull();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c9_aRevokedIdMayBeGrantedAgainAndBeginsAnew(int index) {
    through(index);
    assertThat(grant(member, 7, TTL_SECONDS).getTTL()).isEqualTo(TTL_SECONDS);
    long put = Keys.put(member, key("a"), "v", 7);
    assertThat(revoke(member, 7)).isEqualTo(put + 1);
    assertThat(grant(member, 7, 60).getTTL()).isEqualTo(60);
    LeaseTimeToLiveResponse fresh = timeToLive(member, 7, true);
    assertThat(fresh.getGrantedTTL()).isEqualTo(60);
    assertThat(fresh.getTTL()).isBetween(50L, 60L);
    assertThat(fresh.getKeysList()).isEmpty();
  }

  @Test
  void c10_idsChosenByDifferentMembersAtTheSameTimeAreDistinct() throws Exception {
    LeaseGrantRequest chooseForMe = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build();
    List<Future<LeaseGrantResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      for (MemberProcess each : cluster.members()) {
        answers.add(LeaseGrpc.newFutureStub(each.channel()).leaseGrant(chooseForMe));
      }
    }

    List<Long> ids = new ArrayList<>();
    for (Future<LeaseGrantResponse> answer : answers) {
      ids.add(answer.get(60, TimeUnit.SECONDS).getID());
    }

    assertThat(ids).hasSize(150).doesNotHaveDuplicates().allMatch(id -> id > 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c11_aLeaseIsRenewedThroughAnotherMemberAsSoonAsItIsGranted(int index) {
    through(index);
    for (MemberProcess other : othersThan(member)) {
      for (int i = 0; i < 5; i++) {
        assertThat(renew(other, grant()).getTTL()).isEqualTo(TTL_SECONDS);
      }
    }
  }

  private static void alarm(MemberProcess through, AlarmAction action) {
    var unused =
        MaintenanceGrpc.newBlockingStub(through.channel())
            .alarm(
                AlarmRequest.newBuilder()
                    .setAction(action)
                    .setMemberID(through.status().getHeader().getMemberId())
                    .setAlarm(AlarmType.NOSPACE)
                    .build());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c12And21_withoutSpaceNoLeaseIsGrantedAndLeasesAreRenewedAndRevoked(int index) {
    through(index);
    long lease = grant();
    long put = Keys.put(member, key("a"), "v", lease);
    alarm(member, AlarmAction.ACTIVATE);
    try {
      for (MemberProcess each : cluster.members()) {
        assertRefused(
            () -> grant(each, 12, TTL_SECONDS),
            Code.RESOURCE_EXHAUSTED,
            "etcdserver: mvcc: database space exceeded");
      }
      assertGone(12);
      assertThat(renew(member, lease).getTTL()).isEqualTo(TTL_SECONDS);
      assertThat(revoke(member, lease)).isEqualTo(put + 1);
      assertThat(Keys.get(member, key("a"))).isNull();
      assertGone(lease);
    } finally {
      alarm(member, AlarmAction.DEACTIVATE);
    }
    assertThat(grant(member, 12, TTL_SECONDS).getID()).isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c13And14_revokingWhatIsNotThereOrNoLongerIsNotFound(int index) {
    through(index);
    String notFound = "etcdserver: requested lease not found";
    assertRefused(() -> revoke(member, 999_999), Code.NOT_FOUND, notFound);
    long lease = grant();
    long unused = revoke(member, lease);
    for (MemberProcess each : cluster.members()) {
      assertRefused(() -> revoke(each, lease), Code.NOT_FOUND, notFound);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c15_revokingALeaseWithoutKeysKeepsTheRevision(int index) {
    through(index);
    long lease = grant();
    long before = Keys.put(member, key("a"), "1");
    assertThat(revoke(member, lease)).isEqualTo(before);
    assertThat(Keys.revision(member)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c16To18_keysOfARevokedLeaseAreDeletedAtOneRevisionAndToldInOneAnswer(int index) {
    through(index);
    long lease = grant();
    for (String name : List.of("c", "a", "e", "b", "d")) {
      long unused = Keys.put(member, key(name), "value of " + name, lease);
    }
    long before = Keys.put(member, key("free"), "1");
    List<Watching> withPrevious = new ArrayList<>();
    try (Watching plain =
        Watching.create(
            member,
            WatchCreateRequest.newBuilder()
                .setKey(Keys.bytes(prefix))
                .setRangeEnd(Keys.endOf(prefix))
                .setStartRevision(before + 1)
                .build())) {
      for (MemberProcess each : cluster.members()) {
        withPrevious.add(Watching.prefix(each, prefix, before + 1));
      }
      assertThat(revoke(member, lease)).isEqualTo(before + 1);
      // What comes after tells that nothing else came before.
      assertThat(Keys.put(member, key("after"), "1")).isEqualTo(before + 2);

      assertThat(deletedAtOnce(plain, before + 1)).noneMatch(Event::hasPrevKv);
      for (Watching watching : withPrevious) {
        assertThat(deletedAtOnce(watching, before + 1))
            .allSatisfy(
                event -> {
                  String name = event.getKv().getKey().toStringUtf8().substring(prefix.length());
                  assertThat(event.getPrevKv().getLease()).isEqualTo(lease);
                  assertThat(event.getPrevKv().getValue().toStringUtf8())
                      .isEqualTo("value of " + name);
                });
      }
    } finally {
      withPrevious.forEach(Watching::close);
    }
  }

  /** Checks that the keys a to e, and then one more event, are all that came, and how. */
  private List<Event> deletedAtOnce(Watching watching, long revision) {
    assertThat(watching.awaitEvents(6, SETTLED_MAX)).hasSize(6);
    List<Event> deletes = watching.batches().get(0).response().getEventsList().subList(0, 5);
    assertThat(deletes)
        .allMatch(event -> event.getType() == EventType.DELETE)
        .extracting(Event::getKv)
        .containsExactly(
            deletedKey("a", revision),
            deletedKey("b", revision),
            deletedKey("c", revision),
            deletedKey("d", revision),
            deletedKey("e", revision));
    return deletes;
  }

  private KeyValue deletedKey(String name, long revision) {
    return KeyValue.newBuilder().setKey(Keys.bytes(key(name))).setModRevision(revision).build();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c19_afterARevokeNoMemberReadsItsKeysOrKnowsTheLease(int index) {
    through(index);
    for (int i = 0; i < 5; i++) {
      long lease = grant();
      long put = Keys.put(member, key("a"), "v", lease);
      assertThat(revoke(member, lease)).isEqualTo(put + 1);
      for (MemberProcess each : cluster.members()) {
        assertThat(Keys.get(each, key("a"))).isNull();
        assertThat(Cluster.remainingSeconds(each, lease)).isEqualTo(-1);
      }
    }
  }

  /**
   * Plays a scenario that needs one leader from beginning to end; when leadership moved meanwhile
   * it shows nothing, and is played again.
   */
  private static void underOneLeader(Consumer<MemberProcess> scenario) {
    for (int play = 1; ; play++) {
      cluster.awaitReady();
      MemberProcess leader = cluster.leader();
      long term = leader.status().getRaftTerm();
      try {
        scenario.accept(leader);
        return;
      } catch (AssertionError e) {
        cluster.awaitReady();
        if (play == PLAYS_MAX || cluster.leader().status().getRaftTerm() == term) {
          throw e;
        }
      }
    }
  }

  @Test
  void c20_aRenewalThatWaitsForARevokeFindsNothing() {
    underOneLeader(
        leader -> {
          long lease = Cluster.grant(leader, TTL_SECONDS);
          List<MemberProcess> followers = othersThan(leader);
          try (var renewals = Conversation.renewals(leader)) {
            assertThat(renewals.ask(renewal(lease)).getTTL()).isEqualTo(TTL_SECONDS);
            Future<LeaseRevokeResponse> revoked;
            // With both followers frozen nothing is committed; for so short a time nobody elects.
            followers.forEach(MemberProcess::freeze);
            try {
              revoked = revokeLater(leader, lease);
              Conditions.letPass(ARRIVAL);
              renewals.send(renewal(lease));
              Conditions.letPass(ARRIVAL);
              assertThat(renewals.hasAnswer()).isFalse();
              assertThat(revoked.isDone()).isFalse();
            } finally {
              followers.forEach(MemberProcess::thaw);
            }
            LeaseKeepAliveResponse waited = renewals.next();
            assertThat(waited.getID()).isEqualTo(lease);
            assertThat(waited.getTTL()).isZero();
            assertThat(answerOf(revoked).hasHeader()).isTrue();
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c20And29_renewalsDuringARevokeTellARevisionBeforeItOrFindNothing(int index) {
    through(index);
    int renewalsOfARound = 200;
    for (MemberProcess revoker : cluster.members()) {
      long lease = grant();
      long before = Keys.put(member, key("a"), "v", lease);
      try (var renewals = Conversation.renewals(member)) {
        assertThat(renewals.ask(renewal(lease)).getTTL()).isEqualTo(TTL_SECONDS);
        Future<LeaseRevokeResponse> revoked = revokeLater(revoker, lease);
        for (int i = 0; i < renewalsOfARound; i++) {
          renewals.send(renewal(lease));
        }
        for (int i = 0; i < renewalsOfARound; i++) {
          LeaseKeepAliveResponse answer = renewals.next();
          assertThat(answer.getTTL()).isIn(0L, TTL_SECONDS);
          if (answer.getTTL() > 0) {
            assertThat(answer.getHeader().getRevision()).isLessThanOrEqualTo(before);
          }
        }
        assertThat(answerOf(revoked).getHeader().getRevision()).isEqualTo(before + 1);
        assertThat(renewals.ask(renewal(lease)).getTTL()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c22And30_aRenewalAnswersTheFullTtlOnEveryMember(int index) {
    through(index);
    long lease = grant();
    // A TTL is told in whole seconds, rounded down: anything spent shows at once.
    Conditions.await(
        "some of the TTL is spent",
        SETTLED_MAX,
        () -> Cluster.remainingSeconds(member, lease) < TTL_SECONDS);
    for (MemberProcess each : cluster.members()) {
      LeaseKeepAliveResponse renewed = renew(each, lease);
      assertThat(renewed.getID()).isEqualTo(lease);
      assertThat(renewed.getTTL()).isEqualTo(TTL_SECONDS);
      assertComplete(renewed.getHeader(), each);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c23_anUnknownLeaseIsAnsweredWithZeroAndTheStreamGoesOn(int index) {
    through(index);
    long lease = grant();
    try (var renewals = Conversation.renewals(member)) {
      LeaseKeepAliveResponse unknown = renewals.ask(renewal(999_999));
      assertThat(unknown.getID()).isEqualTo(999_999);
      assertThat(unknown.getTTL()).isZero();
      assertThat(renewals.ask(renewal(lease)).getTTL()).isEqualTo(TTL_SECONDS);
      assertThat(renewals.isEnded()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c24_interleavedLeasesOnOneStreamGetOneAnswerForEachRequest(int index) {
    through(index);
    List<Long> asked = new ArrayList<>();
    List<Long> leases = LongStream.range(0, 10).mapToObj(i -> grant()).toList();
    List<Long> answered = new ArrayList<>();
    try (var renewals = Conversation.renewals(member)) {
      for (int round = 0; round < 30; round++) {
        for (long lease : leases) {
          renewals.send(renewal(lease));
          asked.add(lease);
        }
      }
      renewals.halfClose();
      assertThat(renewals.end().getCode()).isEqualTo(Code.OK);
      while (renewals.hasAnswer()) {
        LeaseKeepAliveResponse answer = renewals.next();
        assertThat(answer.getTTL()).isEqualTo(TTL_SECONDS);
        answered.add(answer.getID());
      }
    }
    // Answers may overtake each other where one has to wait; those of one lease are all alike.
    assertThat(answered).containsExactlyInAnyOrderElementsOf(asked);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c25_theSameRequestTwiceThenHalfCloseIsTwoAnswersAndOk(int index) {
    through(index);
    long lease = grant();
    try (var renewals = Conversation.renewals(member)) {
      renewals.send(renewal(lease));
      renewals.send(renewal(lease));
      renewals.halfClose();
      assertThat(renewals.next().getTTL()).isEqualTo(TTL_SECONDS);
      assertThat(renewals.next().getTTL()).isEqualTo(TTL_SECONDS);
      assertThat(renewals.end().getCode()).isEqualTo(Code.OK);
      assertThat(renewals.hasAnswer()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c26_halfCloseWithoutARequestIsOk(int index) {
    through(index);
    try (var renewals = Conversation.renewals(member)) {
      renewals.halfClose();
      assertThat(renewals.end().getCode()).isEqualTo(Code.OK);
      assertThat(renewals.hasAnswer()).isFalse();
    }
  }

  /** All members at once, for the sake of time. */
  @Test
  void c28_renewalsMoveTheEndThroughEveryMember() {
    long ttlSeconds = 2;
    Map<MemberProcess, Long> leases = new HashMap<>();
    for (MemberProcess each : cluster.members()) {
      long lease = Cluster.grant(each, ttlSeconds);
      long unused = Keys.put(each, key(each.name()), "v", lease);
      leases.put(each, lease);
    }
    // Twice what they would live without.
    for (int renewals = 1; renewals <= 10; renewals++) {
      Conditions.letPass(Duration.ofMillis(400));
      leases.forEach(
          (each, lease) -> assertThat(renew(each, lease).getTTL()).isEqualTo(ttlSeconds));
    }
    for (MemberProcess each : cluster.members()) {
      assertThat(Keys.withPrefix(each, prefix)).hasSize(leases.size());
    }
  }

  /** Who led knows it otherwise than who followed; one follower speaks for both. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void c32_aMemberWithoutLeaderRefusesWhoRequiresOneAndCutsThemAfterAWhile(boolean isLeader) {
    member = isLeader ? cluster.leader() : cluster.follower();
    long lease = grant();
    List<MemberProcess> others = othersThan(member);
    try (var open = Conversation.renewalsRequiringLeader(member)) {
      assertThat(open.ask(renewal(lease)).getTTL()).isEqualTo(TTL_SECONDS);
      others.forEach(MemberProcess::freeze);
      try {
        Conditions.await(
            "the member has no leader", SETTLED_MAX, () -> member.status().getLeader() == 0);
        try (var late = Conversation.renewalsRequiringLeader(member)) {
          assertNoLeader(late.end());
        }
        assertThat(open.isEnded()).isFalse();
        assertNoLeader(open.end());
      } finally {
        others.forEach(MemberProcess::thaw);
      }
    }
    cluster.awaitReady();
    assertThat(renew(member, lease).getTTL()).isEqualTo(TTL_SECONDS);
  }

  private static void assertNoLeader(Status end) {
    assertThat(end.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(end.getDescription()).isEqualTo("etcdserver: no leader");
  }

  @Test
  void c34_aRenewalOfAnExpiredLeaseDoesNotBringItBackBeforeItsRevokeIsCommitted() {
    Duration ttl = Duration.ofSeconds(2);
    underOneLeader(
        leader -> {
          long askedNanos = System.nanoTime();
          long lease = Cluster.grant(leader, ttl.toSeconds());
          long grantedNanos = System.nanoTime();
          long unused = Keys.put(leader, key("a"), "v", lease);
          List<MemberProcess> followers = othersThan(leader);
          try (var renewals = Conversation.renewals(leader)) {
            assertThat(renewals.ask(renewal(999_999)).getTTL()).isZero();
            letPassUntil(askedNanos + ttl.minusMillis(200).toNanos());
            // From here on the revoke that expiry asks for cannot be committed.
            followers.forEach(MemberProcess::freeze);
            try {
              letPassUntil(grantedNanos + ttl.plus(ARRIVAL).toNanos());
              renewals.send(renewal(lease));
              Conditions.letPass(ARRIVAL);
              assertThat(renewals.hasAnswer()).isFalse();
            } finally {
              followers.forEach(MemberProcess::thaw);
            }
            assertThat(renewals.next().getTTL()).isZero();
          }
          assertThat(Keys.get(leader, key("a"))).isNull();
          assertGone(lease);
        });
  }

  private static void letPassUntil(long nanos) {
    Conditions.letPass(Duration.ofNanos(nanos - System.nanoTime()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c35_aRevokedLeaseIsNotRenewedThroughAnyMember(int index) {
    through(index);
    for (int i = 0; i < 5; i++) {
      long lease = grant();
      long unused = revoke(member, lease);
      for (MemberProcess each : cluster.members()) {
        assertThat(renew(each, lease).getTTL()).isZero();
      }
    }
  }

  /**
   * A lease and its last renewal.
   *
   * @param sentNanos before the renewal was sent, on this machine's monotonic clock
   * @param answeredNanos after its answer, on the same clock
   */
  private record Renewed(long lease, long sentNanos, long answeredNanos) {
    static Renewed through(MemberProcess member, long lease, long ttlSeconds) {
      long sentNanos = System.nanoTime();
      assertThat(renew(member, lease).getTTL()).isEqualTo(ttlSeconds);
      return new Renewed(lease, sentNanos, System.nanoTime());
    }

    void assertEndedInTime(long endedNanos, Duration ttl) {
      assertThat(Duration.ofNanos(endedNanos - sentNanos)).isGreaterThanOrEqualTo(ttl);
      assertThat(Duration.ofNanos(endedNanos - answeredNanos))
          .isLessThanOrEqualTo(ttl.plus(LATE_MAX));
    }
  }

  /** All members at once, for the sake of time. */
  @Test
  void c37To39And42_leasesEndInTimeAndNotBeforeAndTheirKeysAreDeletedWithThem() {
    Duration ttl = Duration.ofSeconds(2);
    Map<MemberProcess, Renewed> withKeys = new HashMap<>();
    Map<MemberProcess, Renewed> withoutKeys = new HashMap<>();
    List<Watching> watchings = new ArrayList<>();
    try {
      Map<MemberProcess, Long> leases = new HashMap<>();
      Map<MemberProcess, Long> bare = new HashMap<>();
      for (MemberProcess each : cluster.members()) {
        leases.put(each, Cluster.grant(each, ttl.toSeconds()));
        bare.put(each, Cluster.grant(each, ttl.toSeconds()));
        for (String name : List.of("/b", "/a")) {
          long unused = Keys.put(each, key(each.name() + name), "v", leases.get(each));
        }
      }
      long start = Keys.revision(cluster.member(0)) + 1;
      for (MemberProcess each : cluster.members()) {
        watchings.add(Watching.prefix(each, prefix, start));
      }
      for (MemberProcess each : cluster.members()) {
        withKeys.put(each, Renewed.through(each, leases.get(each), ttl.toSeconds()));
        withoutKeys.put(each, Renewed.through(each, bare.get(each), ttl.toSeconds()));
      }
      assertDisappearInTime(withoutKeys, ttl);
      for (Watching watching : watchings) {
        assertThat(watching.awaitEvents(6, SETTLED_MAX)).hasSize(6);
        withKeys.forEach((each, renewed) -> assertToldInTime(watching, each, renewed, ttl));
      }
      withKeys.values().forEach(renewed -> assertGone(renewed.lease()));
    } finally {
      watchings.forEach(Watching::close);
    }
  }

  private static void assertDisappearInTime(Map<MemberProcess, Renewed> leases, Duration ttl) {
    Map<MemberProcess, Renewed> left = new HashMap<>(leases);
    Conditions.await(
        "leases without keys disappear",
        SETTLED_MAX,
        () -> {
          left.entrySet()
              .removeIf(
                  entry -> {
                    boolean isThere =
                        Cluster.leaseIds(entry.getKey()).contains(entry.getValue().lease());
                    if (!isThere) {
                      entry.getValue().assertEndedInTime(System.nanoTime(), ttl);
                    }
                    return !isThere;
                  });
          return left.isEmpty();
        });
  }

  private void assertToldInTime(
      Watching watching, MemberProcess holder, Renewed renewed, Duration ttl) {
    List<Watching.Told> told =
        watching.batches().stream()
            .filter(
                batch ->
                    batch.response().getEventsList().stream()
                        .anyMatch(event -> event.getPrevKv().getLease() == renewed.lease()))
            .toList();
    assertThat(told).hasSize(1);
    List<Event> ended =
        told.get(0).response().getEventsList().stream()
            .filter(event -> event.getPrevKv().getLease() == renewed.lease())
            .toList();
    long revision = ended.get(0).getKv().getModRevision();
    assertThat(ended)
        .allMatch(event -> event.getType() == EventType.DELETE)
        .extracting(Event::getKv)
        .containsExactly(
            deletedKey(holder.name() + "/a", revision), deletedKey(holder.name() + "/b", revision));
    renewed.assertEndedInTime(told.get(0).atNanos(), ttl);
  }

  /**
   * Through all members in turn: the ends of so many leases are waited for only once. Whether a put
   * fails is asked, not how long it takes.
   */
  @Test
  void c43_tenThousandLeasesThatEndTogetherFailNoPut() {
    int count = 10_000;
    long endNanos = System.nanoTime() + Duration.ofSeconds(4).toNanos();
    // Those that are granted late still live for the least there is, and end with the others.
    List<Long> leases =
        Grants.many(
            cluster.members(),
            count,
            () -> Math.max(2, Duration.ofNanos(endNanos - System.nanoTime()).toSeconds()),
            256,
            granted -> {});
    assertThat(leases).hasSize(count).doesNotHaveDuplicates();
    do {
      for (MemberProcess each : cluster.members()) {
        assertThat(putWithoutDeadline(each, key(each.name()))).isPositive();
      }
    } while (!Cluster.leaseIds(cluster.member(0)).isEmpty());
  }

  /** The time limit of the test is the only one. */
  private static long putWithoutDeadline(MemberProcess through, String key) {
    return KVGrpc.newBlockingStub(through.channel())
        .put(PutRequest.newBuilder().setKey(Keys.bytes(key)).setValue(Keys.bytes("v")).build())
        .getHeader()
        .getRevision();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c44And45_timeToLiveTellsWhatIsLeftAndTheKeysOnlyWhenAsked(int index) {
    through(index);
    long lease = grant();
    for (String name : List.of("c", "a", "b")) {
      long unused = Keys.put(member, key(name), "v", lease);
    }
    LeaseTimeToLiveResponse plain = timeToLive(member, lease, false);
    assertThat(plain.getID()).isEqualTo(lease);
    assertThat(plain.getTTL()).isBetween(TTL_SECONDS - 60, TTL_SECONDS);
    assertThat(plain.getGrantedTTL()).isEqualTo(TTL_SECONDS);
    assertThat(plain.getKeysList()).isEmpty();
    assertThat(timeToLive(member, lease, true).getKeysList())
        .containsExactly(Keys.bytes(key("a")), Keys.bytes(key("b")), Keys.bytes(key("c")));
    assertThat(timeToLive(member, grant(member, 0, 1).getID(), false).getGrantedTTL()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c46_timeToLiveOfAnUnknownLeaseIsMinusOne(int index) {
    through(index);
    LeaseTimeToLiveResponse unknown = timeToLive(member, 999_999, true);
    assertThat(unknown.getID()).isEqualTo(999_999);
    assertThat(unknown.getTTL()).isEqualTo(-1);
    assertThat(unknown.getGrantedTTL()).isZero();
    assertThat(unknown.getKeysList()).isEmpty();
    assertComplete(unknown.getHeader(), member);
  }

  /** All members at once, for the sake of time. */
  @Test
  void c47_lessThanASecondLeftIsZero() {
    Map<MemberProcess, Long> leases = new HashMap<>();
    for (MemberProcess each : cluster.members()) {
      leases.put(each, Cluster.grant(each, 2));
    }
    Set<MemberProcess> seenAtZero = new HashSet<>();
    Conditions.await(
        "every lease is seen in its last second",
        SETTLED_MAX,
        () -> {
          leases.forEach(
              (each, lease) -> {
                LeaseTimeToLiveResponse left = timeToLive(each, lease, false);
                if (left.getTTL() == 0) {
                  assertThat(left.getGrantedTTL()).isEqualTo(2);
                  seenAtZero.add(each);
                }
              });
          return seenAtZero.size() == leases.size();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c48_everyMemberTellsTheSameTimeToLive(int index) {
    through(index);
    long lease = grant();
    long unused = Keys.put(member, key("a"), "v", lease);
    LeaseTimeToLiveResponse here = timeToLive(member, lease, true);
    for (MemberProcess each : cluster.members()) {
      LeaseTimeToLiveResponse there = timeToLive(each, lease, true);
      assertThat(there.getTTL()).isBetween(here.getTTL() - 5, here.getTTL());
      assertThat(there.getGrantedTTL()).isEqualTo(here.getGrantedTTL());
      assertThat(there.getKeysList()).isEqualTo(here.getKeysList()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c50_leasesHasWhatWasGrantedThroughAnyMember(int index) {
    through(index);
    for (int i = 0; i < 5; i++) {
      long lease = grant();
      for (MemberProcess each : cluster.members()) {
        assertThat(Cluster.leaseIds(each)).hasSize(i + 1).contains(lease);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c51_withoutLeasesTheListIsEmpty(int index) {
    through(index);
    assertThat(Cluster.leaseIds(member)).isEmpty();
    long lease = grant();
    assertThat(Cluster.leaseIds(member)).containsExactly(lease);
    long unused = revoke(member, lease);
    assertThat(Cluster.leaseIds(member)).isEmpty();
  }
}
