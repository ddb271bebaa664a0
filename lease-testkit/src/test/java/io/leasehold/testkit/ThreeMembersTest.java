package io.leasehold.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.client.Bytes;
import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseState;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
final class ThreeMembersTest {
  @RegisterExtension static final LeaseholdCluster cluster = LeaseholdCluster.of(3);

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void membersAreThereAndOneLeads() {
    assertThat(cluster.members()).extracting(Member::name).containsExactly("n1", "n2", "n3");
    assertThat(cluster.endpoints()).doesNotHaveDuplicates().hasSize(3);
    assertThat(cluster.members()).contains(cluster.leader());
    assertThat(cluster.followers()).hasSize(2).doesNotContain(cluster.leader());
  }

  @Test
  void clientFindsWhatItDidThroughEachMember() {
    try (LeaseClient client = client()) {
      GrantedLease lease = client.leases().grant(MINUTE);
      for (Member member : cluster.members()) {
        try (Requests direct = new Requests(member)) {
          assertThat(direct.left(lease.id())).as(member.name()).isBetween(50L, 60L);
        }
      }
    }
  }

  @Test
  void killedLeaderIsReplacedAndKeptLeasesLiveOn() {
    try (LeaseClient client = client()) {
      KeptLease kept = client.leases().keepAlive(client.leases().grant(MINUTE), event -> {});
      long revision = client.keys().put(Bytes.of("before"), Bytes.of("kill"), kept.id());
      Member former = cluster.leader();
      cluster.kill(former);
      assertThat(cluster.leader()).isNotEqualTo(former);
      assertThat(client.leases().timeToLive(kept.id(), false)).isPresent();
      assertThat(kept.state()).isEqualTo(LeaseState.ALIVE);
      assertThat(client.keys().put(Bytes.of("after"), Bytes.of("kill"), kept.id()))
          .isGreaterThan(revision);
    }
  }

  @Test
  void killedMemberRefusesConnectionsAndComesBackWithItsData() {
    Member killed = cluster.followers().get(0);
    try (LeaseClient client = client();
        Requests direct = new Requests(killed)) {
      long before = direct.grant(60);
      cluster.kill(killed);
      assertThatThrownBy(() -> connect(killed)).isInstanceOf(ConnectException.class);
      long meanwhile = client.leases().grant(MINUTE).id();
      cluster.start(killed);
      assertThat(direct.left(before)).isPositive();
      assertThat(direct.left(meanwhile)).isPositive();
    }
  }

  @Test
  void callToAKilledMemberFailsAtOnce() {
    Member killed = cluster.leader();
    try (Requests direct = new Requests(killed)) {
      Requests.Renewals renewals = direct.renewals();
      long lease = direct.grant(60);
      renewals.send(lease);
      cluster.kill(killed);
      assertThatThrownBy(
              () ->
                  direct
                      .leases(1, TimeUnit.SECONDS)
                      .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()))
          .isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void withTooFewMembersThereIsNoLeaderAndThatIsSaid() {
    cluster.kill(cluster.member(1));
    cluster.kill(cluster.member(2));
    assertThatThrownBy(cluster::leader)
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("too few members")
        .hasMessageContaining("n1 is dead; n2 is dead; n3 ");
    cluster.start(cluster.member(2));
    assertThat(cluster.leader()).isNotEqualTo(cluster.member(1));
  }

  @Test
  void pausedLeaderAnswersNobodyAndServesWhatWaitedWhenItGoesOn() throws Exception {
    Member paused = cluster.leader();
    try (Requests direct = new Requests(paused);
        LeaseClient client = client()) {
      long lease = direct.grant(60);
      Requests.Renewals renewals = direct.renewals();
      renewals.send(lease);
      assertThat(renewals.answer(10, TimeUnit.SECONDS)).isEqualTo(60);
      cluster.pause(paused);
      renewals.send(lease);
      assertThat(cluster.leader()).isNotEqualTo(paused);
      assertThat(client.leases().timeToLive(lease, false)).isPresent();
      assertThat(renewals.answer(0, TimeUnit.SECONDS)).isNull();
      cluster.resume(paused);
      assertThat(cluster.leader()).isNotEqualTo(paused);
      assertThat(renewals.answer(10, TimeUnit.SECONDS)).isEqualTo(60);
    }
  }

  @Test
  void pausedMemberAcceptsConnectionsAndAnswersNone() throws Exception {
    Member paused = cluster.followers().get(0);
    cluster.pause(paused);
    connect(paused);
    try (Requests direct = new Requests(paused)) {
      assertThatThrownBy(
              () ->
                  direct
                      .leases(300, TimeUnit.MILLISECONDS)
                      .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }
    cluster.resume(paused);
    try (Requests direct = new Requests(paused)) {
      assertThat(direct.grant(60)).isNotZero();
    }
  }

  @Test
  void pausedMemberCanBeKilled() {
    Member member = cluster.leader();
    cluster.pause(member);
    cluster.kill(member);
    assertThat(cluster.leader()).isNotEqualTo(member);
    cluster.start(member);
    assertThat(cluster.followers()).contains(member);
  }

  @Test
  void isolatedLeaderIsReplacedButItsClientsReachIt() {
    Member isolated = cluster.leader();
    cluster.isolate(isolated);
    assertThat(cluster.leader()).isNotEqualTo(isolated);
    try (Requests cutOff = new Requests(isolated);
        Requests majority = new Requests(cluster.leader())) {
      long lease = majority.grant(60);
      // It answers, from the connection up: that it has no leader, or nothing, as etcd would.
      assertThatThrownBy(
              () ->
                  cutOff
                      .leases(2, TimeUnit.SECONDS)
                      .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()))
          .isInstanceOf(StatusRuntimeException.class);
      cluster.heal();
      assertThat(cluster.leader()).isNotEqualTo(isolated);
      assertThat(cutOff.left(lease)).isPositive();
    }
  }

  @Test
  void isolatedFollowerDisturbsNobody() {
    Member leader = cluster.leader();
    Member isolated = cluster.followers().get(0);
    cluster.isolate(isolated);
    try (LeaseClient client = client()) {
      assertThat(client.leases().grant(MINUTE).id()).isNotZero();
    }
    assertThat(cluster.leader()).isEqualTo(leader);
    cluster.heal();
    assertThat(cluster.leader()).isEqualTo(leader);
  }

  @Test
  void expireEndsALeaseWithItsKeysOnAllMembers() {
    try (LeaseClient client = client()) {
      KeptLease kept = client.leases().keepAlive(client.leases().grant(MINUTE), event -> {});
      long other = client.leases().grant(MINUTE).id();
      client.keys().put(Bytes.of("expire"), Bytes.of("me"), kept.id());
      cluster.expire(kept.id());
      for (Member member : cluster.members()) {
        try (Requests direct = new Requests(member)) {
          assertThat(direct.left(kept.id())).as(member.name()).isEqualTo(-1);
          assertThat(direct.left(other)).as(member.name()).isPositive();
        }
      }
      assertThat(client.keys().get(Bytes.of("expire"))).isEmpty();
      assertThatThrownBy(() -> cluster.expire(kept.id()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no lease " + Long.toHexString(kept.id()));
    }
  }

  @Test
  void advanceAgesAllLeasesAndEndsThoseThatAreOver() {
    try (LeaseClient client = client()) {
      long shorter = client.leases().grant(Duration.ofSeconds(30)).id();
      long longer = client.leases().grant(Duration.ofMinutes(2)).id();
      Member leader = cluster.leader();
      cluster.advance(Duration.ofSeconds(31));
      for (Member member : cluster.members()) {
        try (Requests direct = new Requests(member)) {
          assertThat(direct.left(shorter)).as(member.name()).isEqualTo(-1);
          assertThat(direct.left(longer)).as(member.name()).isBetween(60L, 89L);
        }
      }
      assertThat(cluster.leader()).isEqualTo(leader);
    }
  }

  @Test
  void advanceEndsNoLeaseThatHasTimeLeft() {
    try (LeaseClient client = client()) {
      long lease = client.leases().grant(MINUTE).id();
      cluster.advance(Duration.ofSeconds(25));
      long left = client.leases().timeToLive(lease, false).orElseThrow().left().toSeconds();
      assertThat(left).isBetween(5L, 35L);
      assertThat(client.leases().keepAliveOnce(lease).ttl()).isEqualTo(MINUTE);
      cluster.advance(Duration.ofSeconds(45));
      assertThat(client.leases().timeToLive(lease, false)).isPresent();
    }
  }

  @Test
  void buttonsThatDoNotApplySayWhy() {
    Member member = cluster.member(2);
    cluster.kill(member);
    assertThatThrownBy(() -> cluster.kill(member))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("n2 is dead: it cannot be killed");
    assertThatThrownBy(() -> cluster.pause(member)).hasMessage("n2 is dead: it cannot be paused");
    assertThatThrownBy(() -> cluster.isolate(member))
        .hasMessage("n2 is dead: it cannot be isolated");
    cluster.start(member);
    assertThatThrownBy(() -> cluster.start(member))
        .hasMessageStartingWith("n2 ")
        .hasMessageEndingWith(": it cannot be started");
    assertThatThrownBy(() -> cluster.resume(member)).hasMessageEndingWith("it cannot be resumed");
    assertThatThrownBy(() -> cluster.member(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("members are 1 to 3, not 4");
  }

  private static LeaseClient client() {
    return LeaseClient.connect(cluster.endpoints().toArray(String[]::new));
  }

  private static void connect(Member member) throws Exception {
    URI endpoint = URI.create("http://" + member.endpoint());
    try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
      assertThat(socket.isConnected()).isTrue();
    }
  }
}
