package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batches of renewals by {@code leasehold.v1}, through leaders and followers. */
@Timeout(180)
final class RenewBatchIT {
  private static final long TTL_SECONDS = 600;
  private static final int BATCH_MAX = 4096;
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir static Path home;
  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = Cluster.start(home, "--lease-checkpoint-interval", "3s");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void everybodyIsThere() {
    cluster.awaitReady();
  }

  private static RenewBatchRequest batch(long sequence, List<Long> leases) {
    return RenewBatchRequest.newBuilder().setSequence(sequence).addAllLeaseIds(leases).build();
  }

  private static RenewBatchResponse renew(MemberProcess through, List<Long> leases) {
    try (var batches = Conversation.batches(through)) {
      RenewBatchResponse answer = batches.ask(batch(17, leases));
      assertThat(answer.getSequence()).isEqualTo(17);
      return answer;
    }
  }

  /** Renews all, and asks again for those for which the log took too long. */
  private static void assertRenewed(MemberProcess through, List<Long> leases, long ttlSeconds) {
    List<Long> rest = new ArrayList<>(leases);
    Conditions.await(
        "all are renewed",
        SOON,
        () -> {
          RenewBatchResponse answer = renew(through, rest);
          assertThat(answer.getNotFoundList()).isEmpty();
          rest.retainAll(Set.copyOf(answer.getUndecidedList()));
          assertThat(answer.getTtlMillis()).isEqualTo(ttlSeconds * 1000);
          return rest.isEmpty();
        });
  }

  private static void assertAllRenewed(RenewBatchResponse answer, long ttlSeconds) {
    assertThat(answer.getNotFoundList()).isEmpty();
    assertThat(answer.getUndecidedList()).isEmpty();
    assertThat(answer.getTtlMillis()).isEqualTo(ttlSeconds * 1000);
  }

  @Test
  void oneMessageRenewsThousandsOfLeasesThroughEachMember() throws Exception {
    List<Long> leases = Grants.many(cluster.members(), BATCH_MAX, TTL_SECONDS, 256);
    for (MemberProcess member : cluster.members()) {
      double before = MetricsPage.value(member, "leasehold_renewal_batch_size_count");
      // What had a checkpoint has none any more.
      assertRenewed(member, leases, TTL_SECONDS);
      RenewBatchResponse answer = renew(member, leases);
      assertThat(answer.getNotFoundList()).isEmpty();
      assertThat(answer.getHeader().getMemberId())
          .isEqualTo(member.status().getHeader().getMemberId());
      assertThat(answer.getHeader().getClusterId()).isNotZero();
      assertThat(answer.getHeader().getRevision()).isPositive();
      assertThat(answer.getHeader().getRaftTerm()).isPositive();
      assertThat(MetricsPage.value(member, "leasehold_renewal_batch_size_count"))
          .isGreaterThanOrEqualTo(before + 2);
    }
  }

  @Test
  void leasesThatExpiredWereRevokedOrNeverExistedAreRefused() {
    long expiring = Cluster.grant(cluster.member(0), 2);
    long revoked = Cluster.grant(cluster.member(1), TTL_SECONDS);
    long alive = Cluster.grant(cluster.member(2), TTL_SECONDS);
    long shorter = Cluster.grant(cluster.member(2), 60);
    var unused =
        cluster
            .member(0)
            .leases()
            .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(revoked).build());
    for (MemberProcess member : cluster.members()) {
      Conditions.await(
          "the lease has expired", SOON, () -> !Cluster.leaseIds(member).contains(expiring));
    }
    long never = 404;
    for (MemberProcess member : cluster.members()) {
      RenewBatchResponse answer = renew(member, List.of(expiring, alive, revoked, shorter, never));
      assertThat(answer.getNotFoundList()).containsExactly(expiring, revoked, never);
      assertThat(answer.getUndecidedList()).isEmpty();
      assertThat(answer.getTtlMillis()).isEqualTo(60_000);
    }
  }

  @Test
  void oneLeaseTooManyEndsTheStreamAndNobodyElses() {
    List<Long> tooMany = LongStream.rangeClosed(1, BATCH_MAX + 1).boxed().toList();
    long lease = Cluster.grant(cluster.member(0), TTL_SECONDS);
    for (MemberProcess member : cluster.members()) {
      try (var batches = Conversation.batches(member);
          var others = Conversation.batches(member)) {
        batches.send(batch(1, tooMany));
        Status end = batches.end();
        assertThat(end.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(end.getDescription())
            .isEqualTo("leasehold: a message may hold 4096 lease IDs at the most");
        assertAllRenewed(others.ask(batch(1, List.of(lease))), TTL_SECONDS);
      }
    }
  }

  @Test
  void leaderChangeRefusesNothing() {
    List<Long> leases = Grants.many(cluster.members(), 500, TTL_SECONDS, 64);
    MemberProcess killed = cluster.leader();
    List<MemberProcess> others =
        cluster.members().stream().filter(member -> member != killed).toList();
    List<Conversation<RenewBatchRequest, RenewBatchResponse>> streams = new ArrayList<>();
    try {
      others.forEach(member -> streams.add(Conversation.batches(member)));
      streams.forEach(stream -> assertAllRenewed(stream.ask(batch(1, leases)), TTL_SECONDS));
      killed.kill();
      streams.forEach(stream -> stream.send(batch(2, leases)));
      streams.forEach(stream -> assertAllRenewed(stream.next(), TTL_SECONDS));
    } finally {
      streams.forEach(Conversation::close);
      killed.start();
    }
  }

  /** Rule S5: what a batch acknowledged, the next leader knows. */
  @Test
  void leasesWithACheckpointLiveForTheirFullTtlUnderTheNextLeaderOnceABatchRenewedThem()
      throws Exception {
    long ttlSeconds = 20;
    MemberProcess leader = cluster.leader();
    MemberProcess follower = cluster.follower();
    List<Long> throughLeader = Grants.many(cluster.members(), 20, ttlSeconds, 16);
    List<Long> throughFollower = Grants.many(cluster.members(), 20, ttlSeconds, 16);
    Conditions.await(
        "half of the time is over, and recorded",
        SOON,
        () ->
            Cluster.remainingSeconds(leader, throughLeader.get(0)) <= ttlSeconds / 2
                && MetricsPage.value(leader, "leasehold_checkpoints_total") >= 40);
    long sentNanos = System.nanoTime();
    assertRenewed(leader, throughLeader, ttlSeconds);
    assertRenewed(follower, throughFollower, ttlSeconds);
    leader.kill();
    try {
      MemberProcess next = cluster.leader(leader);
      for (long lease : List.of(throughLeader.get(0), throughFollower.get(0))) {
        long remaining = Cluster.remainingSeconds(next, lease);
        double elapsed = (System.nanoTime() - sentNanos) / 1e9;
        assertThat((double) remaining).isGreaterThan(ttlSeconds - elapsed - 1);
      }
    } finally {
      leader.start();
    }
  }

  /** Rule S6. */
  @Test
  void leaderThatHearsFromNobodyAcknowledgesNoBatch() {
    List<Long> leases = Grants.many(cluster.members(), 100, TTL_SECONDS, 16);
    MemberProcess leader = cluster.leader();
    List<MemberProcess> others =
        cluster.members().stream().filter(member -> member != leader).toList();
    try (var batches = Conversation.batches(leader)) {
      assertAllRenewed(batches.ask(batch(1, leases)), TTL_SECONDS);
      others.forEach(MemberProcess::freeze);
      try {
        // As long as its last proof holds, it may answer.
        Conditions.letPass(Duration.ofSeconds(2));
        batches.send(batch(2, leases));
        Conditions.letPass(Duration.ofSeconds(2));
        assertThat(batches.hasAnswer()).isFalse();
        assertThat(batches.isEnded()).isFalse();
      } finally {
        others.forEach(MemberProcess::thaw);
      }
      RenewBatchResponse answer = batches.next();
      assertThat(answer.getSequence()).isEqualTo(2);
      assertAllRenewed(answer, TTL_SECONDS);
    }
  }
}
