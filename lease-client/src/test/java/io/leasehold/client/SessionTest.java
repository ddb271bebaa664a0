package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.MadeUpCluster.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions before a made-up cluster. */
@Timeout(60)
final class SessionTest {
  private static final Duration TTL = Duration.ofSeconds(6);

  private final MadeUpCluster cluster = new MadeUpCluster();

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void aSessionThatIsToStayLostDoes() {
    Session session = Session.open(cluster, TTL, OnLoss.STAY_LOST);
    List<LeaseEvent> heard = new CopyOnWriteArrayList<>();
    session.addListener(heard::add);
    cluster.endLease(session.leaseId());
    cluster.pass(TTL);
    assertThat(session.state()).isEqualTo(LeaseState.LOST);
    assertThat(session.lossReason()).contains(LossReason.REVOKED);
    assertThat(heard).containsExactly(new LeaseEvent.Lost(session.leaseId(), LossReason.REVOKED));
    assertThat(cluster.asked(Kind.GRANT)).isEqualTo(1);
  }

  @Test
  void aSessionIsGrantedANewLeaseAsSoonAsTheClusterSpeaksAgain() {
    Session session = Session.open(cluster, TTL, OnLoss.GRANT_ANEW);
    List<LeaseEvent> heard = new CopyOnWriteArrayList<>();
    session.addListener(heard::add);
    long before = session.leaseId();
    cluster.fallSilent();
    cluster.pass(Duration.ofMinutes(1));
    assertThat(session.state()).isEqualTo(LeaseState.LOST);
    assertThat(session.leaseId()).isEqualTo(before);
    cluster.speak();
    cluster.pass(Duration.ofSeconds(1));
    assertThat(session.state()).isEqualTo(LeaseState.ALIVE);
    assertThat(session.leaseId()).isNotEqualTo(before);
    assertThat(heard).hasSize(3);
    assertThat(heard.get(0)).isInstanceOf(LeaseEvent.AtRisk.class);
    assertThat(heard.get(1)).isEqualTo(new LeaseEvent.Lost(before, LossReason.UNREACHABLE));
    assertThat(heard.get(2)).isEqualTo(new LeaseEvent.Granted(session.leaseId()));
  }

  @Test
  void aLeaseThatIsGrantedToAClosedSessionIsRevoked() {
    Session session = Session.open(cluster, TTL, OnLoss.GRANT_ANEW);
    long first = session.leaseId();
    cluster.endLease(first);
    cluster.before(Kind.GRANT, cluster::fallSilent);
    cluster.pass(TTL.dividedBy(2));
    assertThat(cluster.asked(Kind.GRANT)).isEqualTo(2);
    session.close();
    cluster.speak();
    cluster.settle();
    assertThat(cluster.asked(Kind.REVOKE)).isEqualTo(1);
    assertThat(cluster.hasLease(first + 1)).isFalse();
    cluster.pass(Duration.ofMinutes(1));
    assertThat(cluster.asked(Kind.GRANT)).isEqualTo(2);
  }

  @Test
  void closingRevokesTheLeaseAndTellsWhoListens() {
    Session session = Session.open(cluster, TTL, OnLoss.GRANT_ANEW);
    List<LeaseEvent> heard = new CopyOnWriteArrayList<>();
    session.addListener(heard::add);
    session.close();
    session.close();
    cluster.settle();
    assertThat(cluster.hasLease(session.leaseId())).isFalse();
    assertThat(cluster.asked(Kind.REVOKE)).isEqualTo(1);
    assertThat(heard).containsExactly(new LeaseEvent.Lost(session.leaseId(), LossReason.CLOSED));
    assertThat(session.remaining()).isZero();
  }

  @Test
  void closingWhatIsLostAsksNobody() {
    Session session = Session.open(cluster, TTL, OnLoss.STAY_LOST);
    cluster.pause(TTL);
    session.close();
    assertThat(cluster.asked(Kind.REVOKE)).isZero();
  }

  @Test
  void closingDoesNotFailBecauseTheLeaseIsGone() {
    Session session = Session.open(cluster, TTL, OnLoss.STAY_LOST);
    cluster.endLease(session.leaseId());
    session.close();
    assertThat(session.state()).isEqualTo(LeaseState.LOST);
  }
}
