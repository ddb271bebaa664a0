package io.leasehold.server.grpc;

import static io.leasehold.server.grpc.LeaseServiceTest.grant;
import static io.leasehold.server.grpc.LeaseServiceTest.revoke;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.FakeCluster.Commits;
import io.leasehold.server.fake.FakeReplica;
import io.leasehold.server.fake.RenewBatchClient;
import io.leasehold.server.fake.TestCluster;
import io.leasehold.server.route.LeaseRouter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches of renewals through the leader (n1) and through a follower (n2). */
@Timeout(60)
final class RenewBatchTest {
  private static final List<String> MEMBERS = List.of("n1", "n2");

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = TestCluster.start("n1", "n2", "n3");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private RenewBatchClient open(String member) {
    return RenewBatchClient.open(cluster.renewals(member));
  }

  private void grantAll(long first, long last, long ttlSeconds) {
    for (long id = first; id <= last; id++) {
      grant(cluster.leases("n1"), id, ttlSeconds);
    }
  }

  private static void assertRenewed(RenewBatchResponse answer, long ttlMillis) {
    assertThat(answer.getNotFoundList()).isEmpty();
    assertThat(answer.getUndecidedList()).isEmpty();
    assertThat(answer.getTtlMillis()).isEqualTo(ttlMillis);
  }

  private long deadlineNanos(long leaseId) {
    return io.leasehold.core.lease.Lease.deadlineNanos(
        cluster.replica("n1").leases().get(leaseId).word());
  }

  @Test
  void everyLeaseIsRenewedAndTheShortestTtlIsCommonToAll() throws Exception {
    grantAll(1, 20, 30);
    grantAll(21, 22, 20);
    for (String member : MEMBERS) {
      long before = System.nanoTime();
      RenewBatchResponse answer = open(member).renew(1, 21, 2, 22);
      assertRenewed(answer, 20_000);
      assertThat(answer.getHeader().getMemberId())
          .isEqualTo(cluster.engine(member).memberId(member));
      assertThat(answer.getHeader().getClusterId()).isEqualTo(77);
      assertThat(answer.getHeader().getRevision()).isEqualTo(1);
      assertThat(answer.getHeader().getRaftTerm()).isPositive();
      for (long id : List.of(1L, 2L)) {
        assertThat(deadlineNanos(id) - before).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(30));
      }
      for (long id : List.of(21L, 22L)) {
        assertThat(deadlineNanos(id) - before).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(20));
      }
      assertRenewed(open(member).renew(3), 30_000);
    }
  }

  @Test
  void leasesThatDoNotExistAreListedInTheOrderAskedAndTheOthersAreRenewed() throws Exception {
    grantAll(1, 3, 30);
    for (String member : MEMBERS) {
      RenewBatchClient client = open(member);
      RenewBatchResponse answer = client.renew(900, 1, -5, 2, 0, 900, 3);
      assertThat(answer.getNotFoundList()).containsExactly(900L, -5L, 0L, 900L);
      assertThat(answer.getUndecidedList()).isEmpty();
      assertThat(answer.getTtlMillis()).isEqualTo(30_000);
      RenewBatchResponse none = client.renew(901, 902);
      assertThat(none.getNotFoundList()).containsExactly(901L, 902L);
      assertThat(none.getTtlMillis()).isZero();
    }
  }

  @Test
  void revokedLeaseIsNotRenewedByABatch() throws Exception {
    grantAll(1, 2, 30);
    revoke(cluster.leases("n2"), 1);
    for (String member : MEMBERS) {
      assertThat(open(member).renew(1, 2).getNotFoundList()).containsExactly(1L);
    }
  }

  @Test
  void emptyBatchIsAnswered() throws Exception {
    for (String member : MEMBERS) {
      assertRenewed(open(member).renew(), 0);
    }
  }

  @Test
  void fullBatchIsServedAndOneLeaseMoreEndsTheStream() throws Exception {
    grantAll(1, 1, 30);
    for (String member : MEMBERS) {
      RenewBatchClient client = open(member);
      long full = client.sendRange(1, LeaseRouter.BATCH_LEASES_MAX);
      RenewBatchResponse answer = client.next();
      assertThat(answer.getSequence()).isEqualTo(full);
      assertThat(answer.getNotFoundCount()).isEqualTo(LeaseRouter.BATCH_LEASES_MAX - 1);
      client.sendRange(1, LeaseRouter.BATCH_LEASES_MAX + 1);
      Status end = client.end();
      assertThat(end.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(end.getDescription())
          .isEqualTo("leasehold: a message may hold 4096 lease IDs at the most");
    }
  }

  @Test
  void everyBatchGetsOneAnswerAndThenTheStreamEnds() throws Exception {
    grantAll(1, 50, 30);
    for (String member : MEMBERS) {
      RenewBatchClient client = open(member);
      Set<Long> sent = new HashSet<>();
      for (int i = 0; i < 1000; i++) {
        sent.add(client.sendRange(1, 1 + i % 50));
      }
      client.halfClose();
      assertThat(client.end().isOk()).isTrue();
      assertThat(client.answered()).isEqualTo(1000);
      Set<Long> answered = new HashSet<>();
      while (client.answered() > 0) {
        RenewBatchResponse answer = client.next();
        assertRenewed(answer, 30_000);
        answered.add(answer.getSequence());
      }
      assertThat(answered).isEqualTo(sent);
    }
  }

  @Test
  void batchIsNotAnsweredBeforeLeadershipIsProven() throws Exception {
    grantAll(1, 2, 30);
    cluster.replica("n1").certain(false);
    cluster.replica("n1").barriersPass(false);
    RenewBatchClient onLeader = open("n1");
    RenewBatchClient onFollower = open("n2");
    onLeader.send(1, 2);
    onFollower.send(1, 2);
    // Whatever is served in between does not need the proof.
    grantAll(3, 3, 30);
    assertThat(onLeader.answered()).isZero();
    assertThat(onFollower.answered()).isZero();
    cluster.replica("n1").barriersPass(true);
    assertRenewed(onLeader.next(), 30_000);
    assertRenewed(onFollower.next(), 30_000);
  }

  @Test
  void batchesUnderWayAreAnsweredByTheNextLeader() throws Exception {
    grantAll(1, 10, 30);
    cluster.replica("n1").certain(false);
    cluster.replica("n1").barriersPass(false);
    RenewBatchClient onOld = open("n1");
    RenewBatchClient onOther = open("n3");
    for (int i = 0; i < 20; i++) {
      onOld.sendRange(1, 11);
      onOther.sendRange(1, 11);
    }
    cluster.elect("n2");
    for (int i = 0; i < 20; i++) {
      for (RenewBatchClient client : List.of(onOld, onOther)) {
        RenewBatchResponse answer = client.next();
        assertThat(answer.getNotFoundList()).containsExactly(11L);
        assertThat(answer.getUndecidedList()).isEmpty();
        assertThat(answer.getTtlMillis()).isEqualTo(30_000);
      }
    }
  }

  @Test
  void batchesGoOnWhenConnectionsBetweenMembersAreCut() throws Exception {
    grantAll(1, 100, 30);
    RenewBatchClient client = open("n2");
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 50; i++) {
        client.sendRange(1, 100);
      }
      cluster.engine("n2").cutConnections("n1");
      for (int i = 0; i < 50; i++) {
        assertRenewed(client.next(), 30_000);
      }
    }
  }

  @Test
  void batchWaitsForALeaderAndTheStreamFailsAtTheDeadline() throws Exception {
    grantAll(1, 2, 30);
    cluster.elect(null);
    RenewBatchClient client = open("n2");
    client.send(1, 2);
    cluster.elect("n3");
    assertRenewed(client.next(), 30_000);
    cluster.elect(null);
    client.send(1, 2);
    Status end = client.end();
    assertThat(end.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(end.getDescription()).isEqualTo("etcdserver: no leader");
  }

  @Test
  void leaseThatIsBeingEndedIsUndecidedAndHoldsUpNoOther() throws Exception {
    grantAll(1, 3, 30);
    cluster.replicas().commits(Commits.HELD);
    CompletableFuture<Void> revoked =
        CompletableFuture.runAsync(() -> revoke(cluster.leases("n2"), 2));
    for (String member : MEMBERS) {
      RenewBatchClient client = open(member);
      // The mark is set once the lease is not renewed any more.
      Await.until(() -> isUndecided(client, 2));
    }
    cluster.replicas().commits(Commits.AT_ONCE);
    revoked.join();
    for (String member : MEMBERS) {
      assertThat(open(member).renew(1, 2, 3).getNotFoundList()).containsExactly(2L);
    }
  }

  private static boolean isUndecided(RenewBatchClient client, long leaseId) {
    try {
      RenewBatchResponse answer = client.renew(1, leaseId, 3);
      assertThat(answer.getTtlMillis()).isEqualTo(30_000);
      assertThat(answer.getNotFoundList()).isEmpty();
      return answer.getUndecidedList().equals(List.of(leaseId));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void leaseWithACheckpointIsAcknowledgedOnlyAfterItsClearingIsCommitted() throws Exception {
    grantAll(1, 3, 30);
    checkpoint("n1", 2);
    cluster.elect("n2");
    cluster.replicas().commits(Commits.HELD);
    for (String member : MEMBERS) {
      RenewBatchResponse answer = open(member).renew(1, 2, 3);
      assertThat(answer.getUndecidedList()).containsExactly(2L);
      assertThat(answer.getNotFoundList()).isEmpty();
      assertThat(answer.getTtlMillis()).isEqualTo(30_000);
    }
    RenewBatchClient alone = open("n1");
    alone.send(2);
    cluster.replicas().commits(Commits.AT_ONCE);
    assertRenewed(alone.next(), 30_000);
    assertThat(cluster.replica("n2").leases().get(2).endMillis()).isZero();
    for (String member : MEMBERS) {
      assertRenewed(open(member).renew(1, 2, 3), 30_000);
    }
  }

  private void checkpoint(String leader, long leaseId) {
    FakeReplica replica = cluster.replica(leader);
    long term = replica.leadership().term();
    replica.propose(
        new Command.Checkpoint(LeaseIds.of(leaseId), Millis.of(20_000), 0, term), term, r -> {});
    for (String member : List.of("n1", "n2", "n3")) {
      Await.until(() -> cluster.replica(member).leases().get(leaseId).endMillis() == 20_000);
    }
  }

  @Test
  void clientThatDoesNotReadIsNotReadFromAndHurtsNobody() throws Exception {
    grantAll(1, 1, 30);
    RenewBatchClient lazy = RenewBatchClient.openUnread(cluster.renewals("n1"));
    int sent = 0;
    int limit = 2_000_000;
    while (sent < limit && Await.soon(lazy::isReady)) {
      lazy.send(1);
      sent++;
    }
    assertThat(sent).isLessThan(limit);
    assertRenewed(open("n1").renew(1), 30_000);
    int expected = sent;
    lazy.read(expected);
    Await.until(() -> lazy.answered() == expected);
  }

  @Test
  void stoppingMemberTellsItsStreamsSo() throws Exception {
    grantAll(1, 1, 30);
    RenewBatchClient client = open("n1");
    assertRenewed(client.renew(1), 30_000);
    cluster.server("n1").close();
    assertThat(client.end().getDescription()).isEqualTo("etcdserver: server stopped");
  }
}
