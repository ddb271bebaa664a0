package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.MemberState;
import org.junit.jupiter.api.Test;

class LeaderChangeLatenessTest {
  private static final RunParameters PARAMETERS =
      RunParameters.defaults().withLeaderChangeNanosMax(Tale.nanos(2000));

  private final Checker checker = new LeaderChangeLateness();

  @Test
  void eachLeaderChangeMayAddALittle() {
    // TTL 4 s, two changes of 2 s each, and the second that any lease may be late.
    assertThat(ruling(changes(2).left(1, 1, 4, 8900, 8905).gone(1, 9000, 9010)))
        .isEqualTo(Ruling.OK);
    assertThat(ruling(changes(2).left(1, 1, 4, 8900, 8905).gone(1, 9000, 9011)))
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void aTtlThatStartsAgainAtEachChangeIsRefused() {
    Verdict verdict = changes(3).left(1, 3, 4, 12_000, 12_005).judgedBy(checker, PARAMETERS);
    assertThat(verdict.ruling()).isEqualTo(Ruling.VIOLATED);
    assertThat(verdict.reason()).contains("lease 1 outlived its TTL of 4 s").contains("3 leader");
  }

  @Test
  void aWatchTellsWhenALeaseEndedAtWhichNobodyLooked() {
    assertThat(ruling(endingUnderAWatch(6900))).isEqualTo(Ruling.OK);
    assertThat(ruling(endingUnderAWatch(7100))).isEqualTo(Ruling.VIOLATED);
  }

  /** A lease that lives through one change, whose key goes then. */
  private static Tale endingUnderAWatch(long at) {
    return changes(1)
        .put("k", "v", 1, 2, 20, 30)
        .canonical(1)
        .told(1, 31, Tale.puts("k", "v", 2, 2, 1, 1))
        .told(1, at, Tale.deletes("k", 3));
  }

  @Test
  void onlyChangesWithinTheLeasesLifeCount() {
    Tale tale = new Tale().with(leader(1, 0)).with(leader(2, 5)).with(leader(3, 1000));
    busy(tale).granted(1, 4, 10, 20).left(1, 1, 4, 6900, 6905);
    assertThat(ruling(tale)).isEqualTo(Ruling.OK);
    assertThat(tale.judgedBy(checker, PARAMETERS).figure("most leader changes of one lease"))
        .isEqualTo(1);
    assertThat(ruling(tale.left(1, 1, 4, 7100, 7101))).isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void timeInWhichNothingWasAnsweredIsTakenOff() {
    Tale quiet = new Tale().with(leader(1, 0)).with(leader(2, 3000)).granted(1, 4, 0, 10);
    // From 10 to 9000 nobody got an answer.
    assertThat(ruling(quiet.left(1, 1, 4, 8990, 9000))).isEqualTo(Ruling.OK);
  }

  @Test
  void aRenewalStartsTheLifeAnew() {
    assertThat(ruling(changes(2).renewed(1, 4, 9000, 9001).left(1, 1, 4, 12_000, 12_001)))
        .isEqualTo(Ruling.NOT_APPLICABLE);
    assertThat(ruling(changes(2).renewalUnknown(1, 4000, 4100).left(1, 1, 4, 12_000, 12_001)))
        .isEqualTo(Ruling.NOT_APPLICABLE);
  }

  @Test
  void withoutLeaderChangesThereIsNothingToJudge() {
    new Tale().with(leader(1, 0)).granted(1, 4, 0, 10).doesNotApply(checker);
    new Tale().with(leader(1, 0)).with(leader(1, 9)).granted(1, 4, 0, 10).doesNotApply(checker);
  }

  private Ruling ruling(Tale tale) {
    return tale.judgedBy(checker, PARAMETERS).ruling();
  }

  /** A lease granted at 10, and so many changes a second apart. */
  private static Tale changes(int count) {
    Tale tale = new Tale().granted(1, 4, 0, 10);
    for (int term = 1; term <= count + 1; term++) {
      tale.with(leader(term, term * 1000L - 1000));
    }
    return busy(tale);
  }

  private static Tale busy(Tale tale) {
    for (int at = 0; at < 13_000; at += 100) {
      tale.read("other", 1, at, at + 10);
    }
    return tale;
  }

  private static MemberState leader(long term, long at) {
    return new MemberState("n" + term, Tale.nanos(at), term, true, 1, 1, 0, "");
  }
}
