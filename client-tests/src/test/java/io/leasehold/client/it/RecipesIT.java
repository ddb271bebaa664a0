package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.Bytes;
import io.leasehold.client.ElectionEvent;
import io.leasehold.client.ElectionEvent.Deposed;
import io.leasehold.client.ElectionEvent.Elected;
import io.leasehold.client.KeyRange;
import io.leasehold.client.Leader;
import io.leasehold.client.LeaderElection;
import io.leasehold.client.LeaderView;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseEvent;
import io.leasehold.client.OnLoss;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.Registration;
import io.leasehold.client.ServiceInstance;
import io.leasehold.client.ServiceRegistry;
import io.leasehold.client.ServiceView;
import io.leasehold.client.Session;
import io.leasehold.cluster.Conditions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Sessions, elections and the registry through the client. */
final class RecipesIT extends OnEachServer {
  private static final Duration TTL = Duration.ofSeconds(5);

  @Test
  void leadershipPassesFromCandidateToCandidateInOrder() {
    List<ElectionEvent> heard = new CopyOnWriteArrayList<>();
    List<Optional<Leader>> observed = new CopyOnWriteArrayList<>();
    try (LeaseClient other = LeaseClient.connect(cluster.endpoints());
        LeaderView view = client.observe("e/pass", observed::add)) {
      LeaderElection first = client.campaign("e/pass", "first", TTL, heard::add);
      Conditions.await("the first leads", SOON, first::isLeader);
      long token = first.fencingToken();
      LeaderElection second = other.campaign("e/pass", "second", TTL, event -> {});
      Read line = Read.of(KeyRange.prefix(Bytes.of("e/pass/")));
      Conditions.await(
          "the second stands in line", SOON, () -> client.keys().read(line).count() == 2);
      assertThat(second.isLeader()).isFalse();
      first.resign();
      Conditions.await("the second leads", SOON, second::isLeader);
      assertThat(second.fencingToken()).isGreaterThan(token);
      assertThat(first.isLeader()).isFalse();
      assertThat(heard).containsExactly(new Elected(token), new Deposed("resigned"));
      Conditions.await(
          "the observer knows",
          SOON,
          () -> view.leader().equals(Optional.of(new Leader("second", second.fencingToken()))));
      second.close();
      Conditions.await("the first leads again", SOON, first::isLeader);
      assertThat(first.fencingToken()).isGreaterThan(token);
      first.close();
      Conditions.await("nobody leads", SOON, () -> view.leader().isEmpty());
      Conditions.await("the end is told", SOON, () -> heard.size() == 4);
      assertThat(heard.get(3)).isEqualTo(new Deposed("closed"));
    }
    assertThat(observed).contains(Optional.of(new Leader("first", firstToken(heard))));
  }

  private static long firstToken(List<ElectionEvent> heard) {
    return ((Elected) heard.get(0)).fencingToken();
  }

  @Test
  void aLeaderWhoseLeaseIsRevokedIsDeposedAndStandsAgain() {
    List<ElectionEvent> heard = new CopyOnWriteArrayList<>();
    try (LeaderElection candidate = client.campaign("e/revoked", "me", TTL, heard::add)) {
      Conditions.await("it leads", SOON, candidate::isLeader);
      long token = candidate.fencingToken();
      long lease =
          client
              .keys()
              .read(Read.of(KeyRange.prefix(Bytes.of("e/revoked/"))))
              .entries()
              .get(0)
              .leaseId();
      client.leases().revoke(lease);
      Conditions.await("it leads again", SOON, () -> heard.size() == 3 && candidate.isLeader());
      assertThat(heard.get(1)).isInstanceOf(Deposed.class);
      assertThat(candidate.fencingToken()).isGreaterThan(token);
    }
  }

  @Test
  void aRegistrationIsSeenHealsItselfAndGoesWhenItIsClosed() {
    ServiceRegistry registry = client.registry("services/");
    ServiceInstance one = new ServiceInstance("web", "1", "10.0.0.1:80");
    ServiceInstance two = new ServiceInstance("web", "2", "10.0.0.2:80");
    List<List<ServiceInstance>> heard = new CopyOnWriteArrayList<>();
    try (Registration first = registry.register(one, TTL);
        ServiceView view = registry.discover("web", heard::add)) {
      assertThat(view.instances()).containsExactly(one);
      Conditions.await("it is told", SOON, () -> heard.contains(List.of(one)));
      Registration second = registry.register(two, TTL);
      Conditions.await("both are seen", SOON, () -> view.instances().equals(List.of(one, two)));
      second.close();
      Conditions.await("one is left", SOON, () -> view.instances().equals(List.of(one)));
      Bytes key = Bytes.of("services/web/1");
      long lease = client.keys().get(key).orElseThrow().leaseId();
      client.leases().revoke(lease);
      Conditions.await(
          "the first has healed itself",
          SOON,
          () ->
              first.isRegistered()
                  && client.keys().get(key).filter(entry -> entry.leaseId() != lease).isPresent());
      long unused = client.keys().delete(KeyRange.of(key));
      Conditions.await("and again", SOON, () -> client.keys().get(key).isPresent());
      Conditions.await("that is seen", SOON, () -> view.instances().equals(List.of(one)));
    }
    assertThat(heard).contains(List.of(one, two), List.of(one), List.of());
    assertThat(client.keys().get(Bytes.of("services/web/1"))).isEmpty();
  }

  @Test
  void aSessionIsGrantedANewLeaseIfItIsToBe() {
    List<LeaseEvent> heard = new CopyOnWriteArrayList<>();
    try (Session session = client.openSession(TTL, OnLoss.GRANT_ANEW)) {
      session.addListener(heard::add);
      long before = session.leaseId();
      client.leases().revoke(before);
      Conditions.await("there is a new lease", SOON, () -> session.leaseId() != before);
      Conditions.await(
          "it is told", SOON, () -> heard.contains(new LeaseEvent.Granted(session.leaseId())));
      assertThat(session.lossReason()).isEmpty();
    }
    assertThat(client.leases().list()).isNotNull();
  }
}
