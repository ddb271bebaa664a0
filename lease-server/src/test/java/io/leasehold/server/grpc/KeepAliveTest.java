package io.leasehold.server.grpc;

import static io.leasehold.server.grpc.LeaseServiceTest.assertRefused;
import static io.leasehold.server.grpc.LeaseServiceTest.grant;
import static io.leasehold.server.grpc.LeaseServiceTest.revoke;
import static io.leasehold.server.grpc.LeaseServiceTest.timeToLive;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.FakeCluster.Commits;
import io.leasehold.server.fake.KeepAliveClient;
import io.leasehold.server.fake.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Renewals; the numbers are those of the wire contract. A stream with a deadline is carried by
 * grpc-java, any other beneath it.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource
final class KeepAliveTest {
  enum Carrier {
    FRAMES,
    GRPC
  }

  /* Only grpc-java says which compression it would take. */
  private static final Metadata.Key<String> SAID_BY_GRPC =
      Metadata.Key.of("grpc-accept-encoding", Metadata.ASCII_STRING_MARSHALLER);

  private final Carrier carrier;
  private TestCluster cluster;

  KeepAliveTest(Carrier carrier) {
    this.carrier = carrier;
  }

  @BeforeEach
  void start() throws Exception {
    cluster = TestCluster.start("n1", "n2");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private LeaseGrpc.LeaseStub stub(String member) {
    LeaseGrpc.LeaseStub stub = LeaseGrpc.newStub(cluster.channel(member));
    return carrier == Carrier.GRPC ? stub.withDeadlineAfter(1, TimeUnit.HOURS) : stub;
  }

  @Test
  void streamIsCarriedByWhatThisRunIsAbout() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    AtomicReference<Metadata> headers = new AtomicReference<>();
    KeepAliveClient client =
        KeepAliveClient.open(
            stub("n1")
                .withInterceptors(
                    MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>())));
    client.send(1);
    assertThat(client.next().getTTL()).isEqualTo(30);
    assertThat(headers.get().containsKey(SAID_BY_GRPC)).isEqualTo(carrier == Carrier.GRPC);
  }

  @Test
  void b22And30RenewalAnswersTheFullTtlOnEveryMember() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    for (String member : List.of("n1", "n2")) {
      KeepAliveClient client = KeepAliveClient.open(stub(member));
      client.send(1);
      LeaseKeepAliveResponse answer = client.next();
      assertThat(answer.getID()).isEqualTo(1);
      assertThat(answer.getTTL()).isEqualTo(30);
      assertThat(answer.getHeader().getMemberId())
          .isEqualTo(cluster.engine(member).memberId(member));
      assertThat(answer.getHeader().getRevision()).isEqualTo(1);
    }
  }

  @Test
  void b11LeaseGrantedOnOneMemberIsRenewedOnTheOtherAtOnce() throws Exception {
    KeepAliveClient onLeader = KeepAliveClient.open(stub("n1"));
    KeepAliveClient onFollower = KeepAliveClient.open(stub("n2"));
    for (int id = 1; id <= 20; id++) {
      grant(cluster.leases("n2"), id, 30);
      onLeader.send(id);
      assertThat(onLeader.next().getTTL()).isEqualTo(30);
      grant(cluster.leases("n1"), -id, 30);
      onFollower.send(-id);
      assertThat(onFollower.next().getTTL()).isEqualTo(30);
    }
  }

  @Test
  void b23UnknownLeaseIsTtlZeroAndTheStreamGoesOn() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    for (String member : List.of("n1", "n2")) {
      KeepAliveClient client = KeepAliveClient.open(stub(member));
      client.send(404);
      LeaseKeepAliveResponse answer = client.next();
      assertThat(answer.getID()).isEqualTo(404);
      assertThat(answer.getTTL()).isZero();
      client.send(1);
      assertThat(client.next().getTTL()).isEqualTo(30);
    }
  }

  @Test
  void b24ManyLeasesOnOneStreamGetOneAnswerEach() throws Exception {
    LeaseGrpc.LeaseBlockingStub leader = cluster.leases("n1");
    for (int id = 1; id <= 50; id++) {
      grant(leader, id, 30);
    }
    for (String member : List.of("n1", "n2")) {
      KeepAliveClient client = KeepAliveClient.open(stub(member));
      int rounds = 100;
      for (int round = 0; round < rounds; round++) {
        for (int id = 1; id <= 50; id++) {
          client.send(id);
        }
      }
      client.halfClose();
      assertThat(client.end().isOk()).isTrue();
      assertThat(client.answered()).isEqualTo(rounds * 50);
    }
  }

  @Test
  void b25SameRequestTwiceThenHalfCloseIsTwoAnswersAndOk() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    for (String member : List.of("n1", "n2")) {
      KeepAliveClient client = KeepAliveClient.open(stub(member));
      client.send(1);
      client.send(1);
      client.halfClose();
      assertThat(client.end().isOk()).isTrue();
      assertThat(client.answered()).isEqualTo(2);
    }
  }

  @Test
  void b26HalfCloseWithoutARequestIsOk() throws Exception {
    KeepAliveClient client = KeepAliveClient.open(stub("n1"));
    client.halfClose();
    assertThat(client.end().isOk()).isTrue();
  }

  @Test
  void b27CancelIsCancelled() throws Exception {
    KeepAliveClient client = KeepAliveClient.open(stub("n1"));
    client.cancel();
    assertThat(client.end().getCode()).isEqualTo(Code.CANCELLED);
  }

  @Test
  void b20RenewalDuringARevokeWaitsAndFindsNothing() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    grant(cluster.leases("n1"), 2, 30);
    cluster.replicas().commits(Commits.HELD);
    CompletableFuture<Void> revoked =
        CompletableFuture.runAsync(() -> revoke(cluster.leases("n2"), 1));
    KeepAliveClient probe = KeepAliveClient.open(stub("n1"));
    // The mark is set once renewals of this lease are not answered any more.
    Await.until(
        () -> {
          probe.send(1);
          probe.send(2);
          return nextIds(probe, 1).equals(List.of(2L));
        });
    assertThat(probe.answered()).isZero();
    cluster.replicas().commits(Commits.AT_ONCE);
    revoked.join();
    assertThat(probe.next().getTTL()).isZero();
  }

  /* Reads answers until one is of lease 2, which is never held up. */
  private static List<Long> nextIds(KeepAliveClient client, int unused) {
    List<Long> ids = new ArrayList<>();
    try {
      do {
        ids.add(client.next().getID());
      } while (ids.get(ids.size() - 1) != 2);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return ids;
  }

  @Test
  void b31WithoutLeaderTheStreamFailsAtTheDeadline() throws Exception {
    cluster.elect(null);
    KeepAliveClient client = KeepAliveClient.open(stub("n2"));
    client.send(1);
    Status end = client.end();
    assertThat(end.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(end.getDescription()).isEqualTo("etcdserver: no leader");
  }

  @Test
  void b32MemberWithoutLeaderRefusesWhoRequiresOne() throws Exception {
    cluster.elect(null);
    KeepAliveClient client = KeepAliveClient.open(KeepAliveClient.requiringLeader(stub("n2")));
    assertThat(client.end().getDescription()).isEqualTo("etcdserver: no leader");
    Metadata metadata = new Metadata();
    metadata.put(KeepAliveClient.HAS_LEADER, "true");
    LeaseGrpc.LeaseBlockingStub unary =
        cluster.leases("n2").withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    assertRefused(() -> grant(unary, 0, 5), Code.UNAVAILABLE, "etcdserver: no leader");
  }

  @Test
  void b32StreamThatRequiresALeaderIsCutSomeTimeAfterItIsLost() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    KeepAliveClient requiring = KeepAliveClient.open(KeepAliveClient.requiringLeader(stub("n2")));
    KeepAliveClient patient = KeepAliveClient.open(stub("n2"));
    requiring.send(1);
    patient.send(1);
    assertThat(requiring.next().getTTL()).isEqualTo(30);
    assertThat(patient.next().getTTL()).isEqualTo(30);
    cluster.elect(null);
    Status end = requiring.end();
    assertThat(end.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(end.getDescription()).isEqualTo("etcdserver: no leader");
    cluster.elect("n1");
    patient.send(1);
    assertThat(patient.next().getTTL()).isEqualTo(30);
  }

  @Test
  void b35RevokedLeaseIsNotRenewed() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    revoke(cluster.leases("n2"), 1);
    for (String member : List.of("n1", "n2")) {
      KeepAliveClient client = KeepAliveClient.open(stub(member));
      client.send(1);
      assertThat(client.next().getTTL()).isZero();
    }
  }

  @Test
  void b37And42LeaseEndsByItselfAndDisappears() {
    grant(cluster.leases("n2"), 1, 1);
    assertThat(timeToLive(cluster.leases("n2"), 1).getTTL()).isBetween(0L, 1L);
    Await.until(() -> timeToLive(cluster.leases("n2"), 1).getTTL() == -1);
    assertThat(cluster.replica("n1").leases().size()).isZero();
  }

  @Test
  void renewalIsNotAcknowledgedBeforeLeadershipIsProven() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    cluster.replica("n1").certain(false);
    cluster.replica("n1").barriersPass(false);
    KeepAliveClient onLeader = KeepAliveClient.open(stub("n1"));
    KeepAliveClient onFollower = KeepAliveClient.open(stub("n2"));
    onLeader.send(1);
    onFollower.send(1);
    // Whatever is served in between does not need the proof.
    grant(cluster.leases("n2"), 2, 30);
    assertThat(onLeader.answered()).isZero();
    assertThat(onFollower.answered()).isZero();
    cluster.replica("n1").barriersPass(true);
    assertThat(onLeader.next().getTTL()).isEqualTo(30);
    assertThat(onFollower.next().getTTL()).isEqualTo(30);
  }

  @Test
  void renewalWaitsForAnElectedLeaderToBePromoted() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    KeepAliveClient onNew = KeepAliveClient.open(stub("n2"));
    KeepAliveClient onOld = KeepAliveClient.open(stub("n1"));
    cluster.replica("n2").holdPromotion(true);
    cluster.replicas().elect("n2");
    Await.until(() -> cluster.replica("n1").leadership().leader() != null);
    onNew.send(1);
    onOld.send(1);
    Await.until(() -> cluster.replica("n2").leadership().isLeader());
    assertThat(onNew.answered()).isZero();
    cluster.replica("n2").holdPromotion(false);
    assertThat(onNew.next().getTTL()).isEqualTo(30);
    assertThat(onOld.next().getTTL()).isEqualTo(30);
  }

  @Test
  void clientThatDoesNotReadIsNotReadFromAndHurtsNobody() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    KeepAliveClient lazy = KeepAliveClient.openUnread(stub("n1"));
    int sent = 0;
    int limit = 2_000_000;
    while (sent < limit && Await.soon(lazy::isReady)) {
      lazy.send(1);
      sent++;
    }
    assertThat(sent).isLessThan(limit);
    KeepAliveClient other = KeepAliveClient.open(stub("n1"));
    other.send(1);
    assertThat(other.next().getTTL()).isEqualTo(30);
    int expected = sent;
    lazy.read(expected);
    Await.until(() -> lazy.answered() == expected);
  }

  @Test
  void stoppingMemberTellsItsStreamsSo() throws Exception {
    grant(cluster.leases("n1"), 1, 30);
    KeepAliveClient client = KeepAliveClient.open(stub("n1"));
    client.send(1);
    assertThat(client.next().getTTL()).isEqualTo(30);
    cluster.server("n1").close();
    Status end = client.end();
    assertThat(end.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(end.getDescription()).isEqualTo("etcdserver: server stopped");
    assertThat(cluster.replica("n2").leadership().isLeader()).isTrue();
  }
}
