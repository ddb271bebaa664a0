package io.leasehold.server.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.FakeCluster.Commits;
import io.leasehold.server.fake.KeepAliveClient;
import io.leasehold.server.fake.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
  void grantOfUnknownFateThatWasLostSucceedsInTheNextTermWithTheClientsId() {
    cluster.replicas().commits(Commits.UNKNOWN_LOST);
    CompletableFuture<LeaseGrantResponse> granted =
        CompletableFuture.supplyAsync(() -> grant("n3", 9));
    assertStaysOpen(granted);
    cluster.replicas().commits(Commits.AT_ONCE);
    cluster.elect("n2");
    assertThat(granted.join().getID()).isEqualTo(9);
  }

  @Test
  void grantOfUnknownFateThatFindsTheClientsIdTakenIsReportedAsUnknown() {
    cluster.replicas().commits(Commits.UNKNOWN_APPLIED);
    CompletableFuture<LeaseGrantResponse> granted =
        CompletableFuture.supplyAsync(() -> grant("n3", 9));
    assertStaysOpen(granted);
    cluster.replicas().commits(Commits.AT_ONCE);
    cluster.elect("n2");
    StatusRuntimeException refused =
        (StatusRuntimeException)
            catchThrowableOfType(java.util.concurrent.CompletionException.class, granted::join)
                .getCause();
    assertThat(refused.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refused.getStatus().getDescription())
        .isEqualTo("etcdserver: request timed out, possibly due to previous leader failure");
  }

  @Test
  void grantOfUnknownFateIsReportedAsUnknownWhenNoNewTermBegins() {
    cluster.replicas().commits(Commits.UNKNOWN_LOST);
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> grant("n1", 9));
    assertThat(refused.getStatus().getDescription())
        .isEqualTo("etcdserver: request timed out, possibly due to previous leader failure");
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
