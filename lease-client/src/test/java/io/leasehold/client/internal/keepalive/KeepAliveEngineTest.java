package io.leasehold.client.internal.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseEvent;
import io.leasehold.client.LeaseEvent.AtRisk;
import io.leasehold.client.LeaseEvent.Lost;
import io.leasehold.client.LeaseEvent.Recovered;
import io.leasehold.client.LeaseEvent.Renewed;
import io.leasehold.client.LeaseState;
import io.leasehold.client.LossReason;
import io.leasehold.client.internal.keepalive.World.Sent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class KeepAliveEngineTest {
  private static final Duration TTL = Duration.ofSeconds(9);

  private final World world = new World(7);

  @Test
  void aLeaseIsRenewedAboutEveryThirdOfItsTtlAndStaysAlive() {
    KeptLease lease = world.keep(1, TTL);
    world.run(Duration.ofMinutes(5));
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    assertThat(world.sent.size()).isBetween(100, 130);
    assertThat(world.events.get(1L)).hasOnlyElementsOfType(Renewed.class);
    assertThat(world.opened).hasSize(1);
  }

  @Test
  void theDeadlineCountsFromWhenTheRenewalWasSent() {
    world.roundTripNanos = Duration.ofSeconds(1).toNanos();
    KeptLease lease = world.keep(1, TTL);
    world.run(TTL.dividedBy(3).plusSeconds(1).plusMillis(20));
    Sent first = world.sent.get(0);
    assertThat(world.events.get(1L)).hasSize(1);
    long expected = first.atNanos() + world.rule.validNanos(TTL.toNanos()) - world.now();
    assertThat(lease.remaining().toNanos()).isEqualTo(expected);
  }

  @Test
  void aSilentClusterPutsALeaseAtRiskAndThenLosesItBeforeTheClusterEndsIt() {
    world.isAnswering = false;
    KeptLease lease = world.keep(1, TTL);
    long end = world.heldUntil.get(1L);
    world.run(TTL.dividedBy(3).multipliedBy(2).minusMillis(1));
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    world.run(Duration.ofMillis(20));
    assertThat(lease.state()).isEqualTo(LeaseState.AT_RISK);
    assertThat(world.changes(1)).hasSize(1).first().isInstanceOf(AtRisk.class);
    world.runUntil(end - Duration.ofMillis(5).toNanos());
    assertThat(lease.state()).isEqualTo(LeaseState.LOST);
    assertThat(lease.lossReason()).contains(LossReason.UNREACHABLE);
    assertThat(world.changes(1)).last().isEqualTo(new Lost(1, LossReason.UNREACHABLE));
  }

  @Test
  void aSilentStreamIsReplacedAndItsRenewalsAreSentAgain() {
    KeptLease lease = world.keep(1, TTL);
    world.isAnswering = false;
    world.run(TTL.dividedBy(3).plusMillis(20));
    assertThat(world.sent).hasSize(1);
    world.isAnswering = true;
    world.run(TTL.dividedBy(3));
    assertThat(world.opened).hasSize(2);
    assertThat(world.events.get(1L)).hasOnlyElementsOfType(Renewed.class);
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
  }

  @Test
  void anAnswerOfAnEarlierStreamCountsForNothing() {
    world.isAnswering = false;
    KeptLease lease = world.keep(1, Duration.ofSeconds(3));
    world.run(Duration.ofMillis(2900));
    assertThat(world.sent.size()).isGreaterThan(1);
    Duration before = lease.remaining();
    world.engine.renewed(world.sent.get(0).stream(), 1, TTL.toNanos(), true);
    assertThat(lease.remaining()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAnswerToARenewalOfThoseWhoKeptItBeforeCountsForNothing(boolean isRevoked) {
    world.roundTripNanos = Duration.ofSeconds(1).toNanos();
    // Holds the stream open.
    world.keep(2, TTL.multipliedBy(100));
    KeptLease before = world.keep(1, TTL);
    world.run(TTL.dividedBy(3));
    assertThat(world.sent).hasSize(1);
    if (isRevoked) {
      world.engine.revoked(1);
    } else {
      before.close();
    }
    world.run(Duration.ofMillis(500));
    world.isAnswering = false;
    KeptLease lease = world.kept.keep(1, event -> {});
    world.run(Duration.ofMillis(700));
    // The answer to the first has come; it says nothing of what is sent since.
    assertThat(lease.remaining()).isZero();
    world.isAnswering = true;
    world.run(Duration.ofSeconds(5));
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    assertThat(world.now() + lease.remaining().toNanos()).isLessThan(world.heldUntil.get(1L));
  }

  @Test
  void aStreamThatEndsIsOpenedAgainAtOnceAndThenLessAndLessOften() {
    KeptLease lease = world.keep(1, TTL);
    world.run(Duration.ofMillis(1));
    for (int i = 0; i < 20; i++) {
      world.engine.ended(world.currentStream());
      world.run(Duration.ofMillis(500));
    }
    assertThat(world.opened).hasSize(21);
    assertThat(world.opened.get(1) - world.opened.get(0))
        .isLessThan(Duration.ofMillis(25).toNanos());
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
  }

  @Test
  void aRecoveryFromRiskIsTold() {
    world.isAnswering = false;
    KeptLease lease = world.keep(1, TTL);
    world.run(Duration.ofMillis(6500));
    assertThat(lease.state()).isEqualTo(LeaseState.AT_RISK);
    world.isAnswering = true;
    world.run(Duration.ofSeconds(3));
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    assertThat(world.changes(1).stream().<Class<?>>map(Object::getClass))
        .containsExactly(AtRisk.class, Recovered.class);
  }

  @Test
  void noMoreThanOneRenewalIsInFlightForALease() {
    world.roundTripNanos = Duration.ofSeconds(2).toNanos();
    KeptLease lease = world.keep(1, TTL);
    world.run(Duration.ofSeconds(100));
    for (int i = 1; i < world.sent.size(); i++) {
      Sent before = world.sent.get(i - 1);
      Sent after = world.sent.get(i);
      assertThat(
              before.stream() != after.stream()
                  || after.atNanos() - before.atNanos() >= world.roundTripNanos)
          .isTrue();
    }
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
  }

  @Test
  void aLeaseThatTheClusterDoesNotKnowBeforeItsTimeWasRevoked() {
    KeptLease lease = world.keep(1, TTL);
    world.heldUntil.remove(1L);
    world.run(TTL.dividedBy(2));
    assertThat(lease.state()).isEqualTo(LeaseState.LOST);
    assertThat(lease.lossReason()).contains(LossReason.REVOKED);
    assertThat(world.changes(1)).containsExactly(new Lost(1, LossReason.REVOKED));
    assertThat(world.counters.lost(LossReason.REVOKED)).isEqualTo(1);
  }

  @Test
  void afterAPausePastTheDeadlineTheFirstQuestionFindsTheLeaseLost() {
    KeptLease lease = world.keep(1, TTL);
    world.run(TTL);
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    world.pause(TTL);
    assertThat(lease.state()).isEqualTo(LeaseState.LOST);
    assertThat(lease.remaining()).isZero();
    world.run(Duration.ofSeconds(1));
    assertThat(lease.state()).isEqualTo(LeaseState.LOST);
    assertThat(world.changes(1)).containsExactly(new Lost(1, LossReason.EXPIRED));
  }

  @Test
  void aLeaseThatWasFoundLostStaysSoThoughTheClusterRenewedIt() {
    world.roundTripNanos = Duration.ofSeconds(1).toNanos();
    KeptLease lease = world.keep(1, TTL);
    world.run(TTL.dividedBy(3).plusMillis(10));
    // The renewal that was sent last is on its way back when the process stops.
    assertThat(world.sent).hasSize(1);
    world.pause(TTL);
    assertThat(lease.state()).isEqualTo(LeaseState.LOST);
    world.run(Duration.ofSeconds(1));
    assertThat(lease.state()).isEqualTo(LeaseState.LOST);
    assertThat(world.events.get(1L)).hasSize(1).first().isInstanceOf(Lost.class);
  }

  @Test
  void aPauseThatLeavesTimeCostsNoStreamAndNoLease() {
    KeptLease lease = world.keep(1, TTL);
    for (int i = 0; i < 20; i++) {
      world.run(Duration.ofMillis(1717));
      world.pause(Duration.ofSeconds(4));
      world.run(Duration.ofMillis(50));
    }
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    assertThat(world.opened).hasSize(1);
  }

  @Test
  void anUnknownLeaseIsAtRiskWithNothingRemainingUntilItsFirstAnswer() {
    world.ttls.put(5L, TTL);
    world.heldUntil.put(5L, world.now() + TTL.toNanos());
    List<LeaseEvent> heard = new ArrayList<>();
    KeptLease lease = world.kept.keep(5L, heard::add);
    assertThat(lease.state()).isEqualTo(LeaseState.AT_RISK);
    assertThat(lease.remaining()).isZero();
    world.run(Duration.ofMillis(100));
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    assertThat(heard).containsExactly(new Recovered(5), new Renewed(5, TTL));
  }

  @Test
  void anUnknownLeaseThatIsNotThereHasExpired() {
    List<LeaseEvent> heard = new ArrayList<>();
    KeptLease lease = world.kept.keep(5L, heard::add);
    world.run(Duration.ofMillis(100));
    assertThat(lease.lossReason()).contains(LossReason.EXPIRED);
    assertThat(heard).containsExactly(new Lost(5, LossReason.EXPIRED));
  }

  @Test
  void severalUsersOfALeaseShareItsRenewalsAndTheLastOneEndsThem() {
    var granted = world.grant(1, TTL);
    List<LeaseEvent> second = new ArrayList<>();
    KeptLease one = world.keepGranted(granted);
    KeptLease other = world.kept.keep(granted, second::add);
    world.run(TTL);
    assertThat(second).hasSameSizeAs(world.events.get(1L));
    int renewals = world.sent.size();
    assertThat(renewals).isBetween(3, 4);
    one.close();
    assertThat(one.state()).isEqualTo(LeaseState.LOST);
    assertThat(one.lossReason()).contains(LossReason.CLOSED);
    assertThat(world.changes(1)).containsExactly(new Lost(1, LossReason.CLOSED));
    world.run(TTL);
    assertThat(other.state()).isEqualTo(LeaseState.ALIVE);
    other.close();
    world.run(TTL);
    assertThat(world.sent.size()).isBetween(renewals + 3, renewals + 4);
    assertThat(world.currentStream()).isEqualTo(-1);
  }

  @Test
  void aListenerThatDoesNotReturnMissesRenewalsAndHoldsUpNobody() {
    Deque<Runnable> held = new ArrayDeque<>();
    world.callbackExecutor = held::add;
    KeptLease lease = world.keep(1, TTL);
    world.run(TTL.multipliedBy(30));
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
    world.heldUntil.remove(1L);
    world.run(TTL);
    assertThat(held).hasSize(1);
    held.remove().run();
    assertThat(world.events.get(1L)).hasSize(Subscription.RENEWALS_WAITING_MAX + 1);
    assertThat(world.changes(1)).containsExactly(new Lost(1, LossReason.REVOKED));
  }

  @Test
  void aListenerThatFailsBadlyHearsOfWhatComesNext() {
    List<LeaseEvent> heard = new ArrayList<>();
    KeptLease lease =
        world.kept.keep(
            world.grant(1, TTL),
            event -> {
              heard.add(event);
              throw new AssertionError("on purpose");
            });
    world.run(TTL);
    lease.close();
    assertThat(heard).hasSizeGreaterThan(2).endsWith(new Lost(1, LossReason.CLOSED));
  }

  @Test
  void aStreamThatTakesNoMoreHoldsRenewalsBackUntilItDoes() {
    world.isReady = false;
    KeptLease lease = world.keep(1, Duration.ofMinutes(1));
    world.run(Duration.ofMillis(20_100));
    assertThat(world.sent).isEmpty();
    world.isReady = true;
    world.engine.writable(world.currentStream());
    world.run(Duration.ofMillis(100));
    assertThat(world.sent).hasSize(1);
    assertThat(lease.state()).isEqualTo(LeaseState.ALIVE);
  }

  @Test
  void aHundredThousandLeasesAreRenewedInPacksAndStayAlive() {
    Duration ttl = Duration.ofSeconds(30);
    int leases = 100_000;
    List<KeptLease> all = new ArrayList<>();
    for (int i = 1; i <= leases; i++) {
      all.add(world.kept.keep(world.grant(i, ttl), event -> {}));
    }
    world.run(ttl.multipliedBy(2));
    assertThat(all).allMatch(lease -> lease.state() == LeaseState.ALIVE);
    assertThat(world.sent.size()).isBetween(5 * leases, 8 * leases);
    Set<Long> instants = new HashSet<>();
    world.sent.forEach(one -> instants.add(one.atNanos()));
    assertThat(instants.size()).isLessThan(world.sent.size() / 50);
  }

  @Test
  void closingTellsEveryHolder() {
    KeptLease lease = world.keep(1, TTL);
    world.run(Duration.ofSeconds(1));
    world.engine.close();
    assertThat(lease.state()).isEqualTo(LeaseState.LOST);
    assertThat(world.changes(1)).containsExactly(new Lost(1, LossReason.CLOSED));
    KeptLease late = world.keep(2, TTL);
    world.run(Duration.ofSeconds(1));
    assertThat(late.state()).isEqualTo(LeaseState.LOST);
  }

  @Test
  void aMemberThatTakesNoBatchesIsSentWhatWasInFlightAgainAtOnce() {
    world.isAnswering = false;
    KeptLease one = world.keep(1, TTL);
    KeptLease other = world.keep(2, TTL);
    world.run(TTL.dividedBy(3).plusMillis(20));
    assertThat(world.sent).hasSize(2);
    world.isAnswering = true;
    world.engine.unsupported(world.currentStream());
    assertThat(world.opened).hasSize(2).last().isEqualTo(world.now());
    assertThat(world.sent).hasSize(4);
    assertThat(world.sent.get(3).atNanos()).isEqualTo(world.now());
    world.run(Duration.ofMillis(5));
    for (KeptLease lease : List.of(one, other)) {
      assertThat(world.events.get(lease.id())).hasOnlyElementsOfType(Renewed.class).hasSize(1);
    }
    world.engine.unsupported(1);
    assertThat(world.opened).as("of an earlier stream it counts for nothing").hasSize(2);
  }

  @Test
  void anUndecidedRenewalIsAskedForAgainSoonAndPromisesNothing() {
    world.isBatching = true;
    world.undecidedShare = 1;
    KeptLease lease = world.keep(1, TTL);
    while (world.sent.isEmpty()) {
      world.run(Duration.ofMillis(10));
    }
    Duration before = lease.remaining();
    world.run(Duration.ofMillis(200));
    assertThat(world.sent).hasSizeBetween(3, 5);
    assertThat(lease.remaining()).isEqualTo(before.minusMillis(200));
    assertThat(world.opened).hasSize(1);
    world.undecidedShare = 0;
    world.run(Duration.ofMillis(100));
    assertThat(world.events.get(1L)).hasOnlyElementsOfType(Renewed.class).hasSize(1);
  }

  @Test
  void aTtlThatIsCommonToOthersTooIsLearntAnew() {
    world.isBatching = true;
    world.keep(1, TTL);
    world.keep(2, Duration.ofSeconds(3));
    world.run(Duration.ofMillis(1));
    // Afterwards both are due, and leave in one batch.
    world.pause(Duration.ofMillis(2900));
    world.run(Duration.ofMillis(10));
    assertThat(world.events.get(1L)).containsExactly(new Renewed(1, Duration.ofSeconds(3)));
    world.run(Duration.ofSeconds(1));
    assertThat(world.events.get(1L)).last().isEqualTo(new Renewed(1, TTL));
    assertThat(world.events.get(2L))
        .filteredOn(Renewed.class::isInstance)
        .hasSizeGreaterThan(1)
        .allMatch(new Renewed(2, Duration.ofSeconds(3))::equals);
  }

  /** The rule that everything else serves, under chaos. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void noLeaseIsBelievedInAfterTheClusterMayHaveEndedIt(long seed) {
    World chaos = new World(seed);
    chaos.isBatching = seed % 2 == 0;
    chaos.undecidedShare = 0.1;
    List<KeptLease> all = new ArrayList<>();
    for (int i = 1; i <= 50; i++) {
      all.add(chaos.keep(i, Duration.ofSeconds(2 + chaos.random.nextInt(10))));
    }
    int lost = 0;
    for (int step = 0; step < 3000; step++) {
      switch (chaos.random.nextInt(40)) {
        case 0 -> {
          if (chaos.random.nextBoolean()) {
            chaos.engine.ended(chaos.currentStream());
          } else {
            chaos.engine.unsupported(chaos.currentStream());
          }
        }
        case 1 -> chaos.isAnswering = !chaos.isAnswering;
        case 2 -> chaos.isReady = !chaos.isReady;
        case 3 -> chaos.pause(Duration.ofMillis(chaos.random.nextInt(3000)));
        case 4 ->
            chaos.roundTripNanos =
                Duration.ofMillis(chaos.random.nextInt(seed % 3 == 0 ? 2000 : 500)).toNanos();
        case 5, 6, 7, 8 -> {
          int one = chaos.random.nextInt(all.size());
          KeptLease before = all.get(one);
          before.close();
          chaos.events.remove(before.id());
          all.set(
              one,
              before.lossReason().filter(why -> why != LossReason.CLOSED).isPresent()
                  ? chaos.keep(before.id(), Duration.ofSeconds(2 + chaos.random.nextInt(10)))
                  : chaos.keepUnknown(before.id()));
        }
        default -> {}
      }
      if (chaos.isReady) {
        chaos.engine.writable(chaos.currentStream());
      }
      for (KeptLease lease : all) {
        Long until = chaos.heldUntil.get(lease.id());
        if (lease.state() != LeaseState.LOST) {
          assertThat(lease.remaining().toNanos())
              .as("seed %d step %d", seed, step)
              .isLessThanOrEqualTo(Math.max(0, until - chaos.now()));
        } else {
          lost++;
        }
      }
      chaos.run(Duration.ofMillis(chaos.random.nextInt(100)));
    }
    assertThat(lost).isPositive();
    for (KeptLease lease : all) {
      long ends =
          chaos.events.get(lease.id()).stream().filter(event -> event instanceof Lost).count();
      assertThat(ends).isEqualTo(lease.state() == LeaseState.LOST ? 1 : 0);
    }
  }
}
