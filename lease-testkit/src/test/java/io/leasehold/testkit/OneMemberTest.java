package io.leasehold.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.Bytes;
import io.leasehold.client.KeyEntry;
import io.leasehold.client.LeaseClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@LeaseholdTest
final class OneMemberTest {
  private final LeaseholdCluster cluster;

  OneMemberTest(LeaseholdCluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void parameterOfATestIsTheClusterOfTheClass(LeaseholdCluster parameter) {
    assertThat(parameter).isSameAs(cluster);
    assertThat(parameter.leader()).isEqualTo(parameter.member(1));
    assertThat(parameter.followers()).isEmpty();
  }

  @Nested
  final class Inside {
    @Test
    void nestedTestsUseTheClusterOfTheClassAroundThem(LeaseholdCluster parameter) {
      assertThat(parameter).isSameAs(cluster);
      assertThat(parameter.leader().name()).isEqualTo("n1");
    }
  }

  @Test
  void keysSurviveTheDeathOfTheMember() {
    try (LeaseClient client = client()) {
      long lease = client.leases().grant(Duration.ofMinutes(1)).id();
      client.keys().put(Bytes.of("survives"), Bytes.of("it"), lease);
      cluster.kill(cluster.member(1));
      cluster.start(cluster.member(1));
      assertThat(client.keys().get(Bytes.of("survives")).map(KeyEntry::value))
          .contains(Bytes.of("it"));
    }
  }

  /** Rule S8: the member was paused, not the client. */
  @Test
  void renewalThatWaitedForAPausedMemberIsServedBeforeTheLeaseEnds() throws Exception {
    Member member = cluster.member(1);
    try (Requests direct = new Requests(member)) {
      long lease = direct.grant(1);
      Requests.Renewals renewals = direct.renewals();
      renewals.send(lease);
      assertThat(renewals.answer(10, TimeUnit.SECONDS)).isEqualTo(1);
      cluster.pause(member);
      renewals.send(lease);
      assertThat(renewals.answer(2, TimeUnit.SECONDS)).as("twice the TTL later").isNull();
      cluster.resume(member);
      assertThat(renewals.answer(10, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }

  @Test
  void anHourOfLeaseTimePassesInSeconds() {
    try (LeaseClient client = client()) {
      long lease = client.leases().grant(Duration.ofMinutes(61)).id();
      cluster.advance(Duration.ofHours(1));
      assertThat(client.leases().timeToLive(lease, false)).isPresent();
      cluster.advance(Duration.ofMinutes(2));
      assertThat(client.leases().timeToLive(lease, false)).isEmpty();
    }
  }

  @Test
  void manyLeasesEndAtOnce() {
    try (LeaseClient client = client()) {
      List<Long> leases =
          java.util.stream.IntStream.range(0, 500)
              .mapToObj(i -> client.leases().grantAsync(Duration.ofSeconds(20 + i % 5)))
              .toList()
              .stream()
              .map(granted -> granted.join().id())
              .toList();
      cluster.advance(Duration.ofSeconds(25));
      assertThat(client.leases().list()).doesNotContainAnyElementsOf(leases);
    }
  }

  @Test
  void advanceOfADeadClusterSaysThatThereIsNoLeader() {
    cluster.kill(cluster.member(1));
    assertThatThrownBy(() -> cluster.advance(Duration.ofSeconds(1)))
        .isInstanceOf(ClusterException.class)
        .hasMessage("too few members can be reached to have a leader: n1 is dead");
    assertThatThrownBy(() -> cluster.advance(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private LeaseClient client() {
    return LeaseClient.connect(cluster.endpoints().toArray(String[]::new));
  }
}
