package io.leasehold.client.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseEvent;
import io.leasehold.client.LeaseEvent.Lost;
import io.leasehold.client.LeaseEvent.Renewed;
import io.leasehold.client.LeaseState;
import io.leasehold.client.LossReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client beside a member that takes batches, or does not, over a real connection. */
@Timeout(60)
final class RenewalStreamTest {
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Collection<LeaseEvent> events = new ConcurrentLinkedQueue<>();
  private FakeMember member;
  private LeaseClient client;

  @BeforeEach
  void connect() throws Exception {
    member = new FakeMember();
    client = LeaseClient.connect(member.endpoint());
  }

  @AfterEach
  void close() {
    client.close();
    member.close();
  }

  private static void await(BooleanSupplier condition) {
    long startNanos = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - startNanos).as("nanoseconds waited").isLessThan(WAIT_NANOS);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Keeps leases that exist, of which a third of the time is over: all are due. */
  private List<KeptLease> keepDue(long first, long last, long ttlSeconds) {
    List<KeptLease> kept = new ArrayList<>();
    for (long id = first; id <= last; id++) {
      member.ttlSeconds.put(id, ttlSeconds);
      long left = TimeUnit.SECONDS.toNanos(ttlSeconds) / 2;
      kept.add(
          client
              .leases()
              .keepAlive(
                  new GrantedLease(id, Duration.ofSeconds(ttlSeconds), System.nanoTime() + left),
                  events::add));
    }
    return kept;
  }

  private long renewedWith(long ttlSeconds) {
    return events.stream()
        .filter(e -> e instanceof Renewed r && r.ttl().equals(Duration.ofSeconds(ttlSeconds)))
        .map(LeaseEvent::leaseId)
        .distinct()
        .count();
  }

  private static void assertAlive(List<KeptLease> leases) {
    assertThat(leases).allMatch(lease -> lease.state() == LeaseState.ALIVE);
  }

  @Test
  void leasesOfOneTtlTravelTogether() throws Exception {
    // Nobody is there yet, so all wait for the stream.
    List<KeptLease> leases = keepDue(1, 5000, 90);
    leases.addAll(keepDue(5001, 8000, 60));
    member.start(true);
    await(() -> renewedWith(90) == 5000 && renewedWith(60) == 3000);
    assertAlive(leases);
    assertThat(member.batches.stream().map(RenewBatchRequest::getLeaseIdsCount))
        .containsExactlyInAnyOrder(4096, 904, 3000);
    assertThat(member.singles).hasValue(0);
    Set<Long> ids = new HashSet<>();
    member.batches.forEach(batch -> ids.addAll(batch.getLeaseIdsList()));
    assertThat(ids).hasSize(8000);
  }

  @Test
  void aLeaseWhoseTtlHasToBeLearntTravelsAlone() throws Exception {
    member.start(true);
    List<KeptLease> leases = new ArrayList<>();
    for (long id = 1; id <= 20; id++) {
      member.ttlSeconds.put(id, 30 + id);
      leases.add(client.leases().keepAlive(id, events::add));
    }
    await(() -> events.stream().filter(Renewed.class::isInstance).count() >= 20);
    assertAlive(leases);
    assertThat(member.batches).hasSize(20).allMatch(batch -> batch.getLeaseIdsCount() == 1);
    for (long id = 1; id <= 20; id++) {
      assertThat(events).contains(new Renewed(id, Duration.ofSeconds(30 + id)));
    }
  }

  @Test
  void whatABatchRefusesIsLostAndWhatItCannotDecideIsAskedForAgain() throws Exception {
    List<KeptLease> leases = keepDue(1, 100, 60);
    member.ttlSeconds.remove(7L);
    member.undecidedOnce.add(8L);
    member.start(true);
    await(() -> renewedWith(60) == 99 && leases.get(6).state() == LeaseState.LOST);
    assertThat(events).contains(new Lost(7, LossReason.REVOKED));
    leases.remove(6);
    assertAlive(leases);
    assertThat(member.batches)
        .hasSize(2)
        .last()
        .satisfies(again -> assertThat(again.getLeaseIdsList()).containsExactly(8L));
  }

  @Test
  void aTtlThatIsNotTheOneBelievedInIsTheShortestForAllAndThenLearntAnew() throws Exception {
    List<KeptLease> leases = keepDue(1, 3, 60);
    member.ttlSeconds.put(2L, 3L);
    member.start(true);
    await(() -> renewedWith(3) == 3);
    await(() -> renewedWith(60) == 2);
    assertAlive(leases);
    assertThat(member.batches.get(0).getLeaseIdsCount()).isEqualTo(3);
    assertThat(member.batches.stream().skip(1)).allMatch(b -> b.getLeaseIdsCount() == 1);
  }

  @Test
  void aMemberWithoutBatchesIsSentSingleRenewals() throws Exception {
    List<KeptLease> leases = keepDue(1, 500, 60);
    member.start(false);
    await(() -> renewedWith(60) == 500);
    assertAlive(leases);
    assertThat(member.singles).hasValue(500);
    assertThat(member.unknownCalls).hasValue(1);
  }

  @Test
  void aMemberThatComesBackAsAnotherVersionIsAskedAgain() throws Exception {
    List<KeptLease> leases = keepDue(1, 50, 60);
    member.start(false);
    await(() -> renewedWith(60) == 50);
    events.clear();
    for (boolean withBatches : new boolean[] {true, false, true}) {
      member.close();
      member.batches.clear();
      member.singles.set(0);
      long before = client.statistics().renewalsAnswered();
      member.start(withBatches);
      leases.addAll(keepDue(leases.size() + 1, leases.size() + 50, 60));
      await(() -> client.statistics().renewalsAnswered() >= before + 50);
      assertThat(member.batches.isEmpty()).isNotEqualTo(withBatches);
      assertThat(member.singles.get() == 0).isEqualTo(withBatches);
    }
    assertAlive(leases);
  }
}
