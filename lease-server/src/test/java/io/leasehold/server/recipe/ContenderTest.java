package io.leasehold.server.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.leasehold.core.key.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ContenderTest {
  private static final Status EXPIRED = Status.UNKNOWN.withDescription("mutex: session is expired");

  private final FakeKeys keys = new FakeKeys();

  @Test
  void c67_freeLockIsTakenAtOnceAndItsTokenIsTheRevision() {
    Place place = settled(enter(0xabc)).join();
    assertThat(place.key()).isEqualTo(Bytes.utf8("lock/abc"));
    assertThat(place.createRevision()).isEqualTo(place.revision()).isEqualTo(2);
    assertThat(keys.watches()).isZero();
  }

  @Test
  void c101_secondWaitsAndIsNextWhenTheFirstIsGone() {
    Place first = settled(enter(1)).join();
    CompletableFuture<Place> second = settled(enter(2));
    assertThat(second).isNotDone();
    keys.delete("lock/1");
    Place next = settled(second).join();
    assertThat(next.createRevision()).isGreaterThan(first.createRevision());
    assertThat(keys.watches()).isZero();
  }

  @Test
  void c101_sameLeaseIsTheSameHolder() {
    Place first = settled(enter(1)).join();
    Place again = settled(enter(1)).join();
    assertThat(again.createRevision()).isEqualTo(first.createRevision());
  }

  @Test
  void c101_endOfOneWakesOnlyTheNext() {
    settle(enter(1));
    CompletableFuture<Place> second = settled(enter(2));
    CompletableFuture<Place> third = settled(enter(3));
    keys.delete("lock/1");
    assertThat(settled(second)).isDone();
    assertThat(third).isNotDone();
    keys.delete("lock/2");
    assertThat(settled(third)).isDone();
  }

  @Test
  void placeInTheMiddleThatIsGivenUpLetsNobodyIn() {
    settle(enter(1));
    CompletableFuture<Place> second = settled(enter(2));
    CompletableFuture<Place> third = settled(enter(3));
    keys.delete("lock/2");
    keys.run();
    assertThatThrownBy(second::join).hasMessageContaining("session is expired");
    assertThat(third).isNotDone();
    keys.delete("lock/1");
    assertThat(settled(third)).isDone();
  }

  @Test
  void c102_leaseThatEndsWhileItWaitsIsToldAtOnce() {
    settle(enter(1));
    CompletableFuture<Place> second = settled(enter(2));
    keys.end(2);
    settle(second);
    assertThatThrownBy(second::join).hasMessageContaining("mutex: session is expired");
    assertThat(keys.watches()).isZero();
  }

  @Test
  void c105_ownKeyThatIsGoneWhenItsTurnComesIsNoSuccess() {
    settle(enter(1));
    CompletableFuture<Place> second = settled(enter(2));
    // Both before anybody hears of either.
    keys.delete("lock/2");
    keys.delete("lock/1");
    settle(second);
    assertThatThrownBy(second::join).hasMessageContaining("session is expired");
  }

  @Test
  void ownKeyOfALaterLifeDoesNotCount() {
    settle(enter(1));
    CompletableFuture<Place> second = settled(enter(2));
    keys.delete("lock/2");
    keys.put("lock/2", "", 2);
    keys.delete("lock/1");
    settle(second);
    assertThatThrownBy(second::join).hasMessageContaining("session is expired");
  }

  @Test
  void c98_deletionBetweenTheEntryAndTheWatchIsNotMissed() {
    settle(enter(1));
    CompletableFuture<Place> second = enter(2);
    keys.runOne(); // takes its place
    keys.delete("lock/1");
    assertThat(settled(second)).isDone();
  }

  @Test
  void c98_deletionBetweenTheLookAndTheWatchIsNotMissed() {
    settle(enter(1));
    settle(enter(2));
    CompletableFuture<Place> again = enter(2);
    keys.runOne(); // finds its place
    keys.runOne(); // looks
    keys.delete("lock/1");
    assertThat(settled(again)).isDone();
  }

  @Test
  void whoComesLastWaitsForNobodyButTheOneBefore() {
    settle(enter(9));
    settle(enter(1));
    CompletableFuture<Place> third = settled(enter(5));
    keys.delete("lock/9");
    keys.run();
    assertThat(third).isNotDone();
    keys.delete("lock/1");
    assertThat(settled(third)).isDone();
  }

  @Test
  void c103_endOfTheHoldersLeaseLetsTheNextIn() {
    settle(enter(1));
    CompletableFuture<Place> second = settled(enter(2));
    keys.end(1);
    assertThat(settled(second)).isDone();
  }

  @Test
  void compactionWhileWaitingLosesNothing() {
    settle(enter(1));
    CompletableFuture<Place> second = enter(2);
    keys.runOne(); // takes its place
    keys.put("other", "1", 0);
    keys.delete("lock/1");
    keys.compact();
    assertThat(settled(second)).isDone();
    assertThat(keys.watches()).isZero();
  }

  @Test
  void whoCannotWaitFailsAndIsNoLongerInLine() {
    settle(enter(1));
    keys.refuseWatches(Status.RESOURCE_EXHAUSTED.withDescription("too many"));
    CompletableFuture<Place> second = settled(enter(2));
    assertThatThrownBy(second::join).hasMessageContaining("RESOURCE_EXHAUSTED: too many");
    assertThat(keys.view().get(Bytes.utf8("lock/2"), keys.view().revision())).isNull();
    assertThat(keys.watches()).isZero();
  }

  @Test
  void unknownLeaseIsRefused() {
    CompletableFuture<Place> place =
        new Contender(keys, Bytes.utf8("lock"), 77, Bytes.EMPTY, EXPIRED).enter();
    settle(place);
    assertThatThrownBy(place::join).hasMessageContaining("requested lease not found");
  }

  @Test
  void negativeLeaseHasASignInItsKey() {
    assertThat(settled(enter(-255)).join().key()).isEqualTo(Bytes.utf8("lock/-ff"));
  }

  @Test
  void whoLeavesIsNoLongerInLine() {
    settle(enter(1));
    keys.lease(2);
    Contender leaver = new Contender(keys, Bytes.utf8("lock"), 2, Bytes.EMPTY, EXPIRED);
    CompletableFuture<Place> second = settled(leaver.enter());
    leaver.leave();
    keys.run();
    assertThat(second).isCancelled();
    assertThat(keys.watches()).isZero();
    assertThat(keys.view().get(Bytes.utf8("lock/2"), keys.view().revision())).isNull();
  }

  @Test
  void whoLeavesBeforeItsPlaceWasAnsweredIsNotLeftInLine() {
    keys.lease(2);
    Contender leaver = new Contender(keys, Bytes.utf8("lock"), 2, Bytes.EMPTY, EXPIRED);
    CompletableFuture<Place> place = leaver.enter();
    leaver.leave();
    keys.run();
    assertThat(place).isCancelled();
    assertThat(keys.view().get(Bytes.utf8("lock/2"), keys.view().revision())).isNull();
  }

  @Test
  void candidateThatComesAgainPublishesItsNewValue() {
    settle(enter(1, "old"));
    settle(enter(1, "new"));
    assertThat(keys.view().get(Bytes.utf8("lock/1"), keys.view().revision()))
        .satisfies(found -> assertThat(found.value()).isEqualTo(Bytes.utf8("new")));
  }

  /** Any order of arrivals, ends and departures: never two holders, and nobody waits for ever. */
  @Test
  void lineHasOneHolderAtATimeWhateverHappens() {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      FakeKeys space = new FakeKeys();
      List<CompletableFuture<Place>> places = new ArrayList<>();
      List<Long> leases = new ArrayList<>();
      for (int step = 0; step < 60; step++) {
        int choice = random.nextInt(10);
        if (choice < 4) {
          long lease = places.size() + 1L;
          space.lease(lease);
          leases.add(lease);
          places.add(new Contender(space, Bytes.utf8("lock"), lease, Bytes.EMPTY, EXPIRED).enter());
        } else if (choice < 6 && !leases.isEmpty()) {
          space.end(leases.remove(random.nextInt(leases.size())));
        } else if (choice < 9) {
          for (int i = random.nextInt(6); i > 0; i--) {
            space.tryRunOne();
          }
        } else {
          space.put("lock/x" + step, "", 0);
          space.delete("lock/x" + step);
        }
      }
      // Everybody still alive gets a turn when those before have ended.
      while (true) {
        space.run();
        List<Long> holders = new ArrayList<>();
        for (long lease : leases) {
          CompletableFuture<Place> place = places.get((int) lease - 1);
          assertThat(place.isCompletedExceptionally())
              .as("seed %d, lease %d", seed, lease)
              .isFalse();
          if (place.isDone()) {
            holders.add(lease);
          }
        }
        if (leases.isEmpty()) {
          break;
        }
        assertThat(holders).as("seed %d", seed).hasSize(1);
        leases.remove(holders.get(0));
        space.end(holders.get(0));
      }
      assertThat(places).as("seed %d", seed).allSatisfy(place -> assertThat(place).isDone());
      assertThat(space.watches()).as("seed %d", seed).isZero();
    }
  }

  @Test
  void whoLeavesBeforeItEntersTakesNoPlace() {
    keys.lease(1);
    Contender contender = new Contender(keys, Bytes.utf8("lock"), 1, Bytes.EMPTY, EXPIRED);
    contender.leave();
    settle(contender.enter());
    assertThat(keys.view().get(Bytes.utf8("lock/1"), keys.view().revision())).isNull();
  }

  @Test
  void placeThatIsGivenBackIsLeftToTheNext() {
    keys.lease(1);
    Contender contender = new Contender(keys, Bytes.utf8("lock"), 1, Bytes.EMPTY, EXPIRED);
    settle(contender.enter());
    CompletableFuture<Place> second = settled(enter(2));
    contender.giveBack();
    assertThat(settled(second)).isDone();
  }

  @Test
  void placeOfALaterLifeIsNotGivenBack() {
    keys.lease(1);
    Contender contender = new Contender(keys, Bytes.utf8("lock"), 1, Bytes.EMPTY, EXPIRED);
    settle(contender.enter());
    keys.delete("lock/1");
    Place later = settled(enter(1)).join();
    contender.giveBack();
    keys.run();
    assertThat(keys.view().get(later.key(), keys.view().revision())).isNotNull();
  }

  private CompletableFuture<Place> enter(long leaseId) {
    return enter(leaseId, "");
  }

  private CompletableFuture<Place> enter(long leaseId, String value) {
    keys.lease(leaseId);
    return new Contender(keys, Bytes.utf8("lock"), leaseId, Bytes.utf8(value), EXPIRED).enter();
  }

  private CompletableFuture<Place> settled(CompletableFuture<Place> place) {
    settle(place);
    return place;
  }

  /** Answers everything; what becomes of the place is not of interest, or looked at later. */
  private void settle(CompletableFuture<Place> place) {
    assertThat(place).isNotNull();
    keys.run();
  }
}
