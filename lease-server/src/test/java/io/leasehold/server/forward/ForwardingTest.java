package io.leasehold.server.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.CompactionResponse;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.FakeCluster.Commits;
import io.leasehold.server.fake.KeepAliveClient;
import io.leasehold.server.fake.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests through followers while leaders and connections come and go. */
@Timeout(60)
final class ForwardingTest {
  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = TestCluster.start("n1", "n2", "n3");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private LeaseGrantResponse grant(String member, long leaseId) {
    return cluster
        .leases(member)
        .leaseGrant(LeaseGrantRequest.newBuilder().setID(leaseId).setTTL(30).build());
  }

  private LeaseRevokeResponse revoke(String member, long leaseId) {
    return cluster
        .leases(member)
        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(leaseId).build());
  }

  @Test
  void renewalsUnderWayAreAnsweredByTheNextLeader() throws Exception {
    grant("n1", 1);
    // Leadership cannot be proven: everything that comes waits.
    cluster.replica("n1").certain(false);
    cluster.replica("n1").barriersPass(false);
    KeepAliveClient client = KeepAliveClient.open(LeaseGrpc.newStub(cluster.channel("n3")));
    for (int i = 0; i < 500; i++) {
      client.send(1);
    }
    cluster.elect("n2");
    for (int i = 0; i < 500; i++) {
      assertThat(client.next().getTTL()).isEqualTo(30);
    }
  }

  @Test
  void renewalsGoOnWhenConnectionsAreCut() throws Exception {
    grant("n1", 1);
    KeepAliveClient client = KeepAliveClient.open(LeaseGrpc.newStub(cluster.channel("n2")));
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 200; i++) {
        client.send(1);
      }
      cluster.engine("n2").cutConnections("n1");
      for (int i = 0; i < 200; i++) {
        assertThat(client.next().getTTL()).isEqualTo(30);
      }
    }
  }

  @Test
  void timeToLiveWaitsForTheNextLeader() {
    grant("n1", 1);
    cluster.elect(null);
    CompletableFuture<Long> ttl =
        CompletableFuture.supplyAsync(
            () ->
                cluster
                    .leases("n3")
                    .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(1).build())
                    .getGrantedTTL());
    cluster.elect("n2");
    assertThat(ttl.join()).isEqualTo(30);
  }

  @Test
  void grantWithoutLeaderWaitsForOne() {
    cluster.elect(null);
    CompletableFuture<LeaseGrantResponse> granted =
        CompletableFuture.supplyAsync(() -> grant("n3", 5));
    cluster.elect("n2");
    assertThat(granted.join().getID()).isEqualTo(5);
  }

  @Test
  void grantAndRevokeAreAnsweredAfterTheFollowerAppliedThem() {
    cluster.replica("n3").holdApply(true);
    CompletableFuture<LeaseGrantResponse> granted =
        CompletableFuture.supplyAsync(() -> grant("n3", 5));
    Await.until(() -> cluster.replica("n1").leases().size() == 1);
    assertThat(granted).isNotDone();
    cluster.replica("n3").holdApply(false);
    granted.join();
    assertThat(cluster.replica("n3").leases().get(5)).isNotNull();
  }

  @Test
  void grantOfUnknownFateWithIdChosenHereSucceedsOnceInTheNextTerm() {
    for (Commits fate : List.of(Commits.UNKNOWN_APPLIED, Commits.UNKNOWN_LOST)) {
      long before = cluster.replica("n1").leases().size();
      cluster.replicas().commits(fate);
      CompletableFuture<LeaseGrantResponse> granted =
          CompletableFuture.supplyAsync(() -> grant("n3", 0));
      assertStaysOpen(granted);
      cluster.replicas().commits(Commits.AT_ONCE);
      cluster.elect("n2");
      assertThat(granted.join().getTTL()).isEqualTo(30);
      Await.until(() -> cluster.replica("n1").leases().size() == before + 1);
      cluster.elect("n1");
    }
  }

  @Test
  void grantOfUnknownFateWithTheClientsIdIsReportedAtOnceAndNeverRepeated() {
    for (String member : List.of("n1", "n3")) {
      for (Commits fate : List.of(Commits.UNKNOWN_APPLIED, Commits.UNKNOWN_LOST)) {
        cluster.replicas().commits(fate);
        assertUnknown(catchThrowableOfType(StatusRuntimeException.class, () -> grant(member, 9)));
        cluster.replicas().commits(Commits.AT_ONCE);
        if (fate == Commits.UNKNOWN_APPLIED) {
          revoke("n1", 9);
        }
        cluster.elect("n2");
        grant("n3", 10);
        assertThat(cluster.replica("n3").leases().get(9)).isNull();
        revoke("n3", 10);
        cluster.elect("n1");
      }
    }
  }

  private static void assertUnknown(StatusRuntimeException refused) {
    assertThat(refused.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refused.getStatus().getDescription())
        .isEqualTo("etcdserver: request timed out, possibly due to previous leader failure");
  }

  @Test
  void grantOfUnknownFateIsReportedAsUnknownWhenNoNewTermBegins() {
    cluster.replicas().commits(Commits.UNKNOWN_LOST);
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> grant("n1", 0));
    assertUnknown(refused);
  }

  @Test
  void revokeOfUnknownFateSucceedsWhetherItTookEffectOrNot() {
    for (Commits fate : List.of(Commits.UNKNOWN_APPLIED, Commits.UNKNOWN_LOST)) {
      grant("n1", 9);
      cluster.replicas().commits(fate);
      CompletableFuture<LeaseRevokeResponse> revoked =
          CompletableFuture.supplyAsync(() -> revoke("n3", 9));
      assertStaysOpen(revoked);
      cluster.replicas().commits(Commits.AT_ONCE);
      cluster.elect("n2");
      assertThat(revoked.join().hasHeader()).isTrue();
      assertThat(cluster.replica("n3").leases().get(9)).isNull();
      cluster.elect("n1");
    }
  }

  @Test
  void revokeOfUnknownFateDoesNotEndALeaseThatWasGrantedSince() {
    grant("n1", 9);
    cluster.replicas().commits(Commits.UNKNOWN_APPLIED);
    CompletableFuture<LeaseRevokeResponse> revoked =
        CompletableFuture.supplyAsync(() -> revoke("n3", 9));
    Await.until(() -> cluster.replica("n3").leases().get(9) == null);
    cluster.replicas().commits(Commits.AT_ONCE);
    grant("n1", 9);
    assertThat(revoked).isNotDone();
    cluster.elect("n2");
    assertUnknown(
        (StatusRuntimeException)
            catchThrowableOfType(CompletionException.class, revoked::join).getCause());
    assertThat(cluster.replica("n2").leases().get(9)).isNotNull();
  }

  private PutResponse put(String member, String key, String value) {
    return cluster
        .keys(member)
        .put(
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .setPrevKv(true)
                .build());
  }

  private KeyValue get(String member, String key) {
    return cluster
        .keys(member)
        .range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build())
        .getKvs(0);
  }

  @Test
  void putWithoutLeaderWaitsForOne() {
    cluster.elect(null);
    CompletableFuture<PutResponse> answered =
        CompletableFuture.supplyAsync(() -> put("n3", "a", "1"));
    cluster.elect("n2");
    assertThat(answered.join().getHeader().getRevision()).isEqualTo(2);
  }

  @Test
  void putIsAnsweredAfterTheFollowerAppliedIt() {
    cluster.replica("n3").holdApply(true);
    CompletableFuture<PutResponse> answered =
        CompletableFuture.supplyAsync(() -> put("n3", "a", "1"));
    Await.until(() -> cluster.replica("n1").revision() == 2);
    assertThat(answered).isNotDone();
    cluster.replica("n3").holdApply(false);
    answered.join();
    assertThat(cluster.replica("n3").revision()).isEqualTo(2);
  }

  @Test
  void putOfUnknownFateIsReportedAtOnceAndNeverRepeated() {
    for (String member : List.of("n1", "n3")) {
      for (Commits fate : List.of(Commits.UNKNOWN_APPLIED, Commits.UNKNOWN_LOST)) {
        long version = put("n1", "a", "1").hasPrevKv() ? get("n1", "a").getVersion() : 1;
        cluster.replicas().commits(fate);
        StatusRuntimeException unknown =
            catchThrowableOfType(StatusRuntimeException.class, () -> put(member, "a", "2"));
        assertThat(unknown.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(unknown.getStatus().getDescription())
            .isEqualTo("etcdserver: request timed out, possibly due to previous leader failure");
        cluster.replicas().commits(Commits.AT_ONCE);
        cluster.elect("n2");
        cluster.elect("n1");
        long written = fate == Commits.UNKNOWN_APPLIED ? 1 : 0;
        assertThat(get("n1", "a").getVersion()).isEqualTo(version + written);
      }
    }
  }

  @Test
  void putThatHasNotLeftWhenTheConnectionBreaksIsMadeOnce() {
    for (int i = 0; i < 20; i++) {
      int round = i;
      CompletableFuture<PutResponse> answered =
          CompletableFuture.supplyAsync(() -> put("n2", "round" + round, "1"));
      cluster.engine("n2").cutConnections("n1");
      try {
        answered.join();
        assertThat(get("n1", "round" + round).getVersion()).isEqualTo(1);
      } catch (java.util.concurrent.CompletionException e) {
        // It may have been on the way: then nobody says that it was not done.
        assertThat(((StatusRuntimeException) e.getCause()).getStatus().getDescription())
            .isEqualTo("etcdserver: request timed out, possibly due to previous leader failure");
      }
    }
  }

  @Test
  void compactionOfUnknownFateSucceedsWhetherItTookEffectOrNot() {
    for (Commits fate : List.of(Commits.UNKNOWN_APPLIED, Commits.UNKNOWN_LOST)) {
      long revision = put("n1", "a", "1").getHeader().getRevision();
      cluster.replicas().commits(fate);
      CompletableFuture<CompactionResponse> compacted =
          CompletableFuture.supplyAsync(
              () ->
                  cluster
                      .keys("n3")
                      .compact(CompactionRequest.newBuilder().setRevision(revision).build()));
      assertStaysOpen(compacted);
      cluster.replicas().commits(Commits.AT_ONCE);
      cluster.elect("n2");
      assertThat(compacted.join().getHeader().getRevision()).isEqualTo(revision);
      cluster.elect("n1");
    }
  }

  @Test
  void manyPutsThroughAFollowerAreAllAnsweredWithTheirOwnRevisions() {
    List<CompletableFuture<Long>> revisions = new ArrayList<>();
    KVGrpc.KVFutureStub keys = KVGrpc.newFutureStub(cluster.channel("n3"));
    for (int i = 0; i < 2000; i++) {
      CompletableFuture<Long> revision = new CompletableFuture<>();
      com.google.common.util.concurrent.ListenableFuture<PutResponse> put =
          keys.put(
              PutRequest.newBuilder()
                  .setKey(ByteString.copyFromUtf8("many" + i % 10))
                  .setValue(ByteString.copyFromUtf8("x".repeat(i)))
                  .build());
      put.addListener(
          () -> {
            try {
              revision.complete(put.get().getHeader().getRevision());
            } catch (Exception e) {
              revision.completeExceptionally(e);
            }
          },
          Runnable::run);
      revisions.add(revision);
    }
    assertThat(revisions.stream().map(CompletableFuture::join)).doesNotHaveDuplicates();
  }

  /**
   * The follower asks for answers of many megabytes all the time, and renews all the time: no
   * renewal waits for as long as a single answer takes.
   */
  @Test
  void renewalsDoNotWaitBehindLargeAnswers() throws Exception {
    grant("n1", 1);
    String value = "x".repeat(1 << 20);
    TxnRequest.Builder large = TxnRequest.newBuilder();
    for (int i = 0; i < 16; i++) {
      put("n1", "large/" + i, value);
    }
    large
        .addSuccess(
            RequestOp.newBuilder()
                .setRequestRange(
                    RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("large/"))
                        .setRangeEnd(ByteString.copyFromUtf8("large0"))))
        .addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("small"))));
    KVGrpc.KVBlockingStub keys = cluster.keys("n3").withMaxInboundMessageSize(64 << 20);
    KeepAliveClient client = KeepAliveClient.open(LeaseGrpc.newStub(cluster.channel("n3")));
    int renewals = 0;
    for (int round = 0; round < 5; round++) {
      CompletableFuture<TxnResponse> answer =
          CompletableFuture.supplyAsync(() -> keys.txn(large.build()));
      while (!answer.isDone()) {
        client.send(1);
        assertThat(client.next().getTTL()).isEqualTo(30);
        renewals++;
      }
      assertThat(answer.join().getResponses(0).getResponseRange().getKvsCount()).isEqualTo(16);
    }
    // Behind the answers there would be one or two renewals to each.
    assertThat(renewals).isGreaterThan(25);
  }

  @Test
  void oneStreamCarriesRenewalsOfManyClientsInFewMessages() throws Exception {
    for (int id = 1; id <= 10; id++) {
      grant("n1", id);
    }
    List<KeepAliveClient> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(KeepAliveClient.open(LeaseGrpc.newStub(cluster.channel("n2"))));
    }
    int rounds = 200;
    for (int round = 0; round < rounds; round++) {
      for (KeepAliveClient client : clients) {
        for (int id = 1; id <= 10; id++) {
          client.send(id);
        }
      }
    }
    for (KeepAliveClient client : clients) {
      client.halfClose();
      assertThat(client.end().isOk()).isTrue();
      assertThat(client.answered()).isEqualTo(rounds * 10);
    }
  }

  /* The attempt was made, and nothing may be said about it in the same term. */
  private void assertStaysOpen(CompletableFuture<?> call) {
    KeepAliveClient probe = KeepAliveClient.open(LeaseGrpc.newStub(cluster.channel("n3")));
    for (int i = 0; i < 5; i++) {
      probe.send(404);
      try {
        assertThat(probe.next().getTTL()).isZero();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    assertThat(call).isNotDone();
  }
}
