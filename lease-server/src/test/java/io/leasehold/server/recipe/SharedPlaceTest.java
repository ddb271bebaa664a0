package io.leasehold.server.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls that give up their place while it is on its way into the log, or while another call of the
 * same lease, maybe through another member, has it too.
 */
class SharedPlaceTest {
  private static final long LEASE = 1;
  private static final long OTHER = 9;
  private static final int RUNS = 400;
  private static final int STEPS = 120;

  private final FakeKeys keys = new FakeKeys();

  SharedPlaceTest() {
    keys.lease(LEASE);
    keys.lease(OTHER);
  }

  @Test
  void deleteOfAWaitThatIsOverSparesThePlaceThatALaterCallTookOver() {
    assertThat(enter(OTHER)).isCompleted();
    Contender leaver = contender(LEASE);
    settle(leaver.enter());
    keys.parks(true);
    leaver.leave();
    keys.parks(false);
    CompletableFuture<Place> later = enter(LEASE);
    keys.delete("lock/9");
    keys.run();
    assertThat(later).isCompleted();
    keys.unpark();
    keys.run();
    assertThat(place()).isNotNull();
    assertThat(enter(OTHER)).isNotDone();
  }

  @Test
  void deleteOfAMissedAnswerSparesThePlaceThatALaterCallTookOver() {
    Contender missed = contender(LEASE);
    settle(missed.enter());
    keys.parks(true);
    missed.giveBack();
    keys.parks(false);
    assertThat(enter(LEASE)).isCompleted();
    keys.unpark();
    keys.run();
    assertThat(place()).isNotNull();
  }

  @Test
  void callThatFindsTheFirstPlaceTakenAndMissesItsAnswerLeavesItToTheHolder() {
    assertThat(enter(LEASE)).isCompleted();
    Contender missed = contender(LEASE);
    settle(missed.enter());
    missed.giveBack();
    keys.run();
    assertThat(place()).isNotNull();
  }

  @Test
  void callThatCameLaterAndLeavesWhenTheTurnComesLeavesThePlaceToTheHolder() {
    assertThat(enter(OTHER)).isCompleted();
    CompletableFuture<Place> holder = enter(LEASE);
    Contender later = contender(LEASE);
    CompletableFuture<Place> missed = later.enter();
    keys.run();
    keys.delete("lock/9");
    keys.run();
    assertThat(holder).isCompleted();
    assertThat(missed).isCompleted();
    later.giveBack();
    keys.run();
    assertThat(place()).isNotNull();
  }

  @Test
  void placeIsGivenUpByTheCallThatWroteItLast() {
    assertThat(enter(OTHER)).isCompleted();
    Contender earlier = contender(LEASE);
    settle(earlier.enter());
    Contender later = contender(LEASE);
    settle(later.enter());
    earlier.leave();
    keys.run();
    assertThat(place()).isNotNull();
    later.leave();
    keys.run();
    assertThat(place()).isNull();
    assertThat(keys.watches()).isZero();
  }

  @Test
  void callsOfOneLeaseHaveOneTokenAndTheLastOnesValue() {
    assertThat(enter(OTHER)).isCompleted();
    CompletableFuture<Place> one = contender(LEASE, "one").enter();
    keys.run();
    KeyValue taken = place();
    CompletableFuture<Place> two = contender(LEASE, "two").enter();
    keys.run();
    keys.delete("lock/9");
    keys.run();
    assertThat(one.join().createRevision())
        .isEqualTo(two.join().createRevision())
        .isEqualTo(taken.createRevision());
    assertThat(place().value()).isEqualTo(Bytes.utf8("two"));
  }

  @Test
  void placeThatIsTakenAfterTheCallWasGivenUpIsNotLeftInLine() {
    assertThat(enter(OTHER)).isCompleted();
    Contender leaver = contender(LEASE);
    keys.parks(true);
    CompletableFuture<Place> place = leaver.enter();
    keys.parks(false);
    leaver.leave();
    keys.run();
    keys.unpark();
    keys.run();
    assertThat(place).isCancelled();
    assertThat(place()).isNull();
  }

  /**
   * Whatever calls of whichever leases come, give up or miss their answers, and however late what
   * they write comes: whoever was told that it holds the lock does so until it gives it back. With
   * a lease for each call, no place is left that nobody holds.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void holderKeepsItsPlaceWhateverOthersGiveUp(boolean areLeasesShared) {
    int held = 0;
    for (long seed = 1; seed <= RUNS; seed++) {
      held += new Run(seed, areLeasesShared).all();
    }
    // Otherwise the runs would have shown nothing.
    assertThat(held).isGreaterThan(RUNS);
  }

  private static final class Run {
    private static final int SHARED_LEASES = 3;

    private final long seed;
    private final Random random;
    private final boolean areLeasesShared;
    private final FakeKeys space = new FakeKeys();
    private final List<Contender> calls = new ArrayList<>();
    private final Set<Long> holders = new HashSet<>();
    private int held;

    Run(long seed, boolean areLeasesShared) {
      this.seed = seed;
      this.random = new Random(seed);
      this.areLeasesShared = areLeasesShared;
    }

    int all() {
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(12)) {
          case 0, 1 -> call();
          case 2 -> leave();
          case 3 -> unlock();
          case 4 -> space.parks(random.nextBoolean());
          case 5 -> space.unparkOne(random);
          default -> {
            space.tryRunOne();
            check();
          }
        }
      }
      space.parks(false);
      calls.forEach(Contender::leave);
      space.unpark();
      space.run();
      check();
      if (!areLeasesShared) {
        assertThat(space.view().count(KeyRange.prefix(Bytes.EMPTY), space.view().revision()))
            .as("places left with seed %d", seed)
            .isEqualTo(holders.size());
      }
      assertThat(space.watches()).as("seed %d", seed).isZero();
      return held;
    }

    private void call() {
      long lease = areLeasesShared ? 1 + random.nextInt(SHARED_LEASES) : calls.size() + 1;
      space.lease(lease);
      Contender contender =
          new Contender(space, Bytes.utf8("lock"), lease, Bytes.EMPTY, Status.ABORTED);
      boolean isThere = random.nextInt(3) > 0;
      calls.add(contender);
      CompletableFuture<Void> unused =
          contender
              .enter()
              .thenAccept(
                  place -> {
                    if (isThere) {
                      holders.add(lease);
                      held++;
                    } else {
                      contender.giveBack();
                    }
                  });
    }

    private void leave() {
      if (!calls.isEmpty()) {
        calls.get(random.nextInt(calls.size())).leave();
      }
    }

    private void unlock() {
      holders.forEach(lease -> space.delete("lock/" + Long.toHexString(lease)));
      holders.clear();
    }

    private void check() {
      assertThat(holders).as("holders with seed %d", seed).hasSizeLessThan(2);
      for (long lease : holders) {
        assertThat(
                space
                    .view()
                    .get(Bytes.utf8("lock/" + Long.toHexString(lease)), space.view().revision()))
            .as("key of holder %d with seed %d", lease, seed)
            .isNotNull();
      }
    }
  }

  private Contender contender(long leaseId) {
    return contender(leaseId, "");
  }

  private Contender contender(long leaseId, String value) {
    return new Contender(keys, Bytes.utf8("lock"), leaseId, Bytes.utf8(value), Status.ABORTED);
  }

  private CompletableFuture<Place> enter(long leaseId) {
    CompletableFuture<Place> place = contender(leaseId).enter();
    keys.run();
    return place;
  }

  /** Answers everything; what becomes of the place is looked at later. */
  private void settle(CompletableFuture<Place> place) {
    assertThat(place).isNotNull();
    keys.run();
  }

  private @Nullable KeyValue place() {
    return keys.view().get(Bytes.utf8("lock/1"), keys.view().revision());
  }
}
