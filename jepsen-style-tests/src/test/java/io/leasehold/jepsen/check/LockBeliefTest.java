package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import org.junit.jupiter.api.Test;

class LockBeliefTest {
  private static final RunParameters NAIVE =
      RunParameters.defaults().withBelief(Belief.UNTIL_RELEASE);

  private final Checker checker = new LockBelief();

  @Test
  void aHolderStopsWhenItsTtlIsOver() {
    leases().with(acquired(1, 100)).with(acquired(2, 3995)).isFine(checker);
    leases()
        .with(acquired(1, 100))
        .with(acquired(2, 3994))
        .isRefused(checker, "two clients took themselves for the holder of l for 1.0 ms");
  }

  @Test
  void aRenewalProlongsTheBeliefFromItsSending() {
    leases()
        .with(acquired(1, 100))
        .renewed(1, 4, 2000, 3000)
        .with(acquired(2, 5990))
        .isRefused(checker, "l for 5.0 ms");
    leases()
        .with(acquired(1, 100))
        .renewed(1, 4, 2000, 3000)
        .with(acquired(2, 5995))
        .isFine(checker);
  }

  @Test
  void aRenewalAnsweredTooLateProlongsNothing() {
    leases()
        .with(acquired(1, 100))
        .renewed(1, 4, 2000, 4001)
        .with(acquired(2, 4100))
        .isFine(checker);
  }

  @Test
  void aRenewalOfUnknownOutcomeProlongsNothing() {
    leases()
        .with(acquired(1, 100))
        .renewalUnknown(1, 2000, 2500)
        .with(acquired(2, 4100))
        .isFine(checker);
  }

  @Test
  void whoSendsTheReleaseBelievesNoMore() {
    leases()
        .with(acquired(1, 100))
        .ok(new Request.Release("l", "l/1", 1), new Answer.Released(), 5, 200, 210)
        .with(acquired(2, 195))
        .isFine(checker);
    leases()
        .with(acquired(1, 100))
        .unknown(new Request.Release("l", "l/1", 1), 200, 900)
        .with(acquired(2, 300))
        .isFine(checker);
    leases()
        .with(acquired(1, 100))
        .ok(new Request.Release("l", "l/1", 1), new Answer.Released(), 5, 200, 210)
        .with(acquired(2, 194))
        .isRefused(checker, "l for 1.0 ms");
  }

  @Test
  void whoIsAnsweredTooLateBelievesNothing() {
    leases().with(acquired(2, 100)).with(acquired(1, 5000)).isFine(checker);
  }

  @Test
  void otherLocksMayBeHeldMeanwhile() {
    leases()
        .with(acquired(1, 100))
        .with(FencingTest.acquired("m", 2, "m/2", 7, 7, 200))
        .isFine(checker);
  }

  @Test
  void anOverlapWithOneBeforeTheLastIsFound() {
    leases()
        .with(acquired(1, 100))
        .with(acquired(2, 200))
        .ok(new Request.Release("l", "l/2", 2), new Answer.Released(), 5, 300, 310)
        .with(acquired(3, 400))
        .isRefused(checker, "two clients");
    Verdict verdict =
        leases()
            .with(acquired(1, 100))
            .with(acquired(2, 200))
            .ok(new Request.Release("l", "l/2", 2), new Answer.Released(), 5, 300, 310)
            .with(acquired(3, 400))
            .judgedBy(checker);
    assertThat(verdict.violations()).hasSize(2);
  }

  @Test
  void differingClocksLeaveAMargin() {
    RunParameters differing = RunParameters.defaults().withRho(0.25);
    // 4 s x 0.75 / 1.25 = 2.4 s
    assertThat(
            leases()
                .with(acquired(1, 100))
                .with(acquired(2, 2395))
                .judgedBy(checker, differing)
                .ruling())
        .isEqualTo(Ruling.OK);
    assertThat(
            leases()
                .with(acquired(1, 100))
                .with(acquired(2, 2394))
                .judgedBy(checker, differing)
                .ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void theNaiveClientIsRefused() {
    Tale tale =
        leases().with(acquired(1, 100)).with(acquired(2, 5000)).by(1).read("x", 1, 6000, 6010);
    assertThat(tale.judgedBy(checker).ruling()).isEqualTo(Ruling.OK);
    assertThat(tale.judgedBy(checker, NAIVE).ruling()).isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void theNaiveClientThatReleasedInTimeIsFine() {
    Tale tale =
        leases()
            .with(acquired(1, 100))
            .by(1)
            .ok(new Request.Release("l", "l/1", 1), new Answer.Released(), 5, 200, 210)
            .with(acquired(2, 300));
    assertThat(tale.judgedBy(checker, NAIVE).ruling()).isEqualTo(Ruling.OK);
  }

  @Test
  void withoutLocksThereIsNothingToJudge() {
    new Tale().doesNotApply(checker);
  }

  private static Tale leases() {
    return new Tale().granted(1, 4, 0, 10).granted(2, 60, 0, 10).granted(3, 60, 0, 10);
  }

  /** Answered 5 ms after. */
  private static Op acquired(long leaseId, long at) {
    return FencingTest.acquired("l", leaseId, "l/" + leaseId, leaseId, 0, at);
  }
}
