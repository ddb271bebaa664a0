package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.MemberState;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private final Checker checker = new Membership();

  @Test
  void oneLeaderATermAndOneStateAnIndex() {
    new Tale()
        .with(state("n1", 1, 1, true, 5, "a"))
        .with(state("n2", 1, 1, false, 5, "a"))
        .with(state("n2", 2, 2, true, 6, "b"))
        .with(state("n1", 3, 2, false, 6, "b"))
        .with(state("n3", 4, 2, false, 6, ""))
        .isFine(checker);
  }

  @Test
  void aDeposedLeaderMayStillTakeItselfForOneInItsOwnTerm() {
    new Tale()
        .with(state("n1", 1, 1, true, 5, ""))
        .with(state("n2", 2, 2, true, 6, ""))
        .with(state("n1", 3, 1, true, 5, ""))
        .isFine(checker);
  }

  @Test
  void twoLeadersOfOneTermAreRefused() {
    new Tale()
        .with(state("n1", 1, 1, true, 5, ""))
        .with(state("n2", 9, 1, true, 6, ""))
        .isRefused(checker, "term 1 has two leaders");
  }

  @Test
  void aTermThatGoesBackIsRefused() {
    new Tale()
        .with(state("n1", 2, 1, false, 5, ""))
        .with(state("n1", 1, 2, false, 5, ""))
        .isRefused(checker, "n1 went back to an earlier term");
  }

  @Test
  void differentStatesOfTheSameEntriesAreRefused() {
    new Tale()
        .with(state("n1", 1, 1, true, 5, "a"))
        .with(state("n2", 2, 1, false, 6, "b"))
        .with(state("n2", 3, 1, false, 5, "c"))
        .isRefused(checker, "up to 5");
  }

  @Test
  void aMemberThatForgotItsStateInARestartIsRefused() {
    new Tale()
        .with(state("n1", 1, 1, true, 5, "a"))
        .with(state("n1", 2, 1, true, 5, "b"))
        .isRefused(checker, "up to 5");
  }

  @Test
  void withoutStatesThereIsNothingToJudge() {
    new Tale().doesNotApply(checker);
  }

  private static MemberState state(
      String node, long at, long term, boolean leader, long applied, String digest) {
    return new MemberState(node, Tale.nanos(at), term, leader, applied, applied, 0, digest);
  }
}
