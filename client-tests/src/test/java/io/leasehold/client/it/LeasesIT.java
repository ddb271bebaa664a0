package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.Bytes;
import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseEvent;
import io.leasehold.client.LeaseNotFoundException;
import io.leasehold.client.LeaseState;
import io.leasehold.client.LeaseStatus;
import io.leasehold.client.LossReason;
import io.leasehold.client.RefusedException;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import io.leasehold.cluster.MetricsPage;
import io.leasehold.cluster.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Grants, renewals and ends of leases through the client. */
final class LeasesIT extends OnEachServer {
  private static final Duration TTL = Duration.ofMinutes(1);

  @Test
  void aLeaseIsGrantedListedAskedForAndRevoked() {
    GrantedLease lease = client.leases().grant(TTL);
    assertThat(lease.ttl()).isEqualTo(TTL);
    long leftNanos = lease.validUntilNanos() - System.nanoTime();
    assertThat(leftNanos).isBetween(TTL.toNanos() * 9 / 10, TTL.toNanos() * 99 / 100);
    long unused = client.keys().put(Bytes.of("a/1"), Bytes.of("v"), lease.id());
    LeaseStatus status = client.leases().timeToLive(lease.id(), true).orElseThrow();
    assertThat(status.grantedTtl()).isEqualTo(TTL);
    assertThat(status.keys()).containsExactly(Bytes.of("a/1"));
    assertThat(client.leases().list()).contains(lease.id());
    client.leases().revoke(lease.id());
    assertThat(client.leases().timeToLive(lease.id(), false)).isEmpty();
    assertThat(client.keys().get(Bytes.of("a/1"))).isEmpty();
    assertThat(client.leases().list()).doesNotContain(lease.id());
  }

  @Test
  void theAsynchronousFormsAnswerTheSame() throws Exception {
    GrantedLease lease = client.leases().grantAsync(TTL).get(20, TimeUnit.SECONDS);
    assertThat(client.leases().listAsync().get(20, TimeUnit.SECONDS)).contains(lease.id());
    assertThat(client.leases().keepAliveOnceAsync(lease.id()).get(20, TimeUnit.SECONDS).ttl())
        .isEqualTo(TTL);
    Void unused = client.leases().revokeAsync(lease.id()).get(20, TimeUnit.SECONDS);
    assertThatThrownBy(() -> client.leases().revokeAsync(lease.id()).get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(LeaseNotFoundException.class);
  }

  @Test
  void refusalsAreToldApart() {
    assertThatThrownBy(() -> client.leases().revoke(4711))
        .isInstanceOf(LeaseNotFoundException.class);
    assertThatThrownBy(() -> client.leases().keepAliveOnce(4711))
        .isInstanceOf(LeaseNotFoundException.class);
    assertThatThrownBy(() -> client.leases().grant(Duration.ofSeconds(9_000_000_001L)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("etcdserver: too large lease TTL");
    GrantedLease lease = client.leases().grant(TTL, 4712);
    assertThat(lease.id()).isEqualTo(4712);
    assertThatThrownBy(() -> client.leases().grant(TTL, 4712))
        .isInstanceOf(RefusedException.class)
        .hasMessage("etcdserver: lease already exists");
    client.leases().revoke(4712);
  }

  @Test
  void aKeptLeaseOutlivesItsTtlAndOneThatIsKeptNoLongerEnds() {
    GrantedLease granted = client.leases().grant(Duration.ofSeconds(2));
    List<LeaseEvent> events = new CopyOnWriteArrayList<>();
    KeptLease kept = client.leases().keepAlive(granted, events::add);
    Conditions.letPass(Duration.ofSeconds(6));
    assertThat(kept.state()).isEqualTo(LeaseState.ALIVE);
    assertThat(events).hasOnlyElementsOfType(LeaseEvent.Renewed.class).hasSizeGreaterThan(5);
    kept.close();
    assertThat(kept.state()).isEqualTo(LeaseState.LOST);
    assertThat(kept.lossReason()).contains(LossReason.CLOSED);
    Conditions.await(
        "the lease ends", SOON, () -> client.leases().timeToLive(granted.id(), false).isEmpty());
  }

  @Test
  void renewalsTravelInBatchesWhereTheServerTakesThemAndOneByOneElsewhere() throws Exception {
    List<LeaseEvent> events = new CopyOnWriteArrayList<>();
    List<KeptLease> kept = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      kept.add(
          client.leases().keepAlive(client.leases().grant(Duration.ofSeconds(6)), events::add));
    }
    Conditions.await(
        "each is renewed twice", SOON, () -> client.statistics().renewalsAnswered() >= 400);
    assertThat(kept).allMatch(lease -> lease.state() == LeaseState.ALIVE);
    assertThat(events).hasOnlyElementsOfType(LeaseEvent.Renewed.class);
    assertThat(client.statistics().streamsOpened()).isLessThanOrEqualTo(2);
    if (server == Server.LEASEHOLD) {
      double inBatches = 0;
      double messages = 0;
      for (MemberProcess member : cluster.members()) {
        inBatches += MetricsPage.value(member, "leasehold_renewal_batch_size_sum");
        messages += MetricsPage.value(member, "leasehold_renewal_batch_size_count");
      }
      assertThat(inBatches).isGreaterThanOrEqualTo(400);
      assertThat(messages).isLessThan(inBatches);
    }
  }

  @Test
  void aLeaseThatSomebodyRevokesIsLostAsRevoked() {
    KeptLease kept =
        client.leases().keepAlive(client.leases().grant(Duration.ofSeconds(6)), event -> {});
    KeptLease own =
        client.leases().keepAlive(client.leases().grant(Duration.ofSeconds(6)), event -> {});
    client.leases().revoke(own.id());
    Conditions.await("its own revoke is known", SOON, () -> own.state() == LeaseState.LOST);
    try (LeaseClient other = LeaseClient.connect(cluster.endpoints())) {
      other.leases().revoke(kept.id());
    }
    Conditions.await("the revoke is known", SOON, () -> kept.state() == LeaseState.LOST);
    assertThat(kept.lossReason()).contains(LossReason.REVOKED);
    assertThat(own.lossReason()).contains(LossReason.REVOKED);
  }

  @Test
  void aLeaseOfAnotherClientIsKeptByItsId() {
    GrantedLease granted = client.leases().grant(Duration.ofSeconds(4));
    try (LeaseClient other = LeaseClient.connect(cluster.endpoints())) {
      KeptLease kept = other.leases().keepAlive(granted.id(), event -> {});
      Conditions.await("the first answer", SOON, () -> kept.state() == LeaseState.ALIVE);
      assertThat(kept.remaining()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(4));
    }
  }
}
