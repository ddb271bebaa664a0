package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class AtomicEndsTest {
  private final Checker checker = new AtomicEnds();

  @Test
  void allKeysGoAtOneRevision() {
    Verdict verdict =
        twoKeysOfOne().told(1, 4000, Tale.deletes("a", 4), Tale.deletes("b", 4)).judgedBy(checker);
    assertThat(verdict.ruling()).isEqualTo(Ruling.OK);
    assertThat(verdict.figure("keys that went with leases")).isEqualTo(2);
  }

  @Test
  void anEndInTwoRevisionsIsRefused() {
    twoKeysOfOne()
        .told(1, 4000, Tale.deletes("a", 4))
        .told(1, 4001, Tale.deletes("b", 5))
        .isRefused(checker, "deletes [a] but to lease 1 were attached [a, b]");
  }

  @Test
  void aKeyThatIsLeftBehindIsRefused() {
    twoKeysOfOne().told(1, 4000, Tale.deletes("b", 4)).isRefused(checker, "deletes [b] but");
  }

  @Test
  void aKeyOfAnotherLeaseDoesNotGoAlong() {
    twoKeysOfOne()
        .put("c", "vc", 2, 4, 60, 70)
        .told(1, 70, Tale.puts("c", "vc", 4, 4, 1, 2))
        .told(1, 4000, Tale.deletes("a", 5), Tale.deletes("b", 5), Tale.deletes("c", 5))
        .isRefused(checker, "of the leases [1, 2] together");
  }

  @Test
  void aKeyWithoutLeaseDoesNotGoAlong() {
    twoKeysOfOne()
        .put("c", "vc", 0, 4, 60, 70)
        .told(1, 70, Tale.puts("c", "vc", 4, 4, 1))
        .told(1, 4000, Tale.deletes("a", 5), Tale.deletes("b", 5), Tale.deletes("c", 5))
        .isRefused(checker, "deletes [a, b, c]");
  }

  @Test
  void aKeyThatWasPutAgainWithoutLeaseStays() {
    twoKeysOfOne()
        .put("b", "again", 0, 4, 60, 70)
        .told(1, 70, Tale.puts("b", "again", 3, 4, 2))
        .told(1, 4000, Tale.deletes("a", 5))
        .isFine(checker);
    twoKeysOfOne()
        .put("b", "again", 0, 4, 60, 70)
        .told(1, 70, Tale.puts("b", "again", 3, 4, 2))
        .told(1, 4000, Tale.deletes("a", 5), Tale.deletes("b", 5))
        .isRefused(checker, "deletes [a, b]");
  }

  @Test
  void aKeyThatMovedToAnotherLeaseGoesWithThatOne() {
    twoKeysOfOne()
        .put("b", "again", 2, 4, 60, 70)
        .told(1, 70, Tale.puts("b", "again", 3, 4, 2, 2))
        .told(1, 4000, Tale.deletes("a", 5))
        .told(1, 5000, Tale.deletes("b", 6))
        .isFine(checker);
  }

  @Test
  void aKeyThatItsOwnerDeletedIsNoEnd() {
    twoKeysOfOne()
        .ok(
            new Request.Delete(KeyRange.one("a"), false),
            new Answer.Deleted(1, List.of()),
            4,
            60,
            70)
        .told(1, 70, Tale.deletes("a", 4))
        .told(1, 4000, Tale.deletes("b", 5))
        .isFine(checker);
  }

  @Test
  void aDeleteOfUnknownOutcomeIsNotTakenForTheEnd() {
    new Tale()
        .granted(1, 4, 0, 10)
        .put("a", "va", 1, 2, 20, 30)
        .unknown(new Request.Delete(KeyRange.one("a"), false), 40, 50)
        .put("a", "later", 1, 4, 60, 70)
        .canonical(1)
        .told(1, 30, Tale.puts("a", "va", 2, 2, 1, 1))
        .told(1, 55, Tale.deletes("a", 3))
        .told(1, 70, Tale.puts("a", "later", 4, 4, 1, 1))
        .doesNotApply(checker);
  }

  @Test
  void nothingIsAttachedAfterTheEnd() {
    twoKeysOfOne()
        .told(1, 4000, Tale.deletes("a", 4), Tale.deletes("b", 4))
        .put("a", "again", 1, 5, 5000, 5010)
        .told(1, 5000, Tale.puts("a", "again", 5, 5, 1, 1))
        .isRefused(checker, "a is attached at revision 5 to lease 1, which ended at 4");
  }

  @Test
  void nothingIsReadAtTheRevisionOfTheEndOrLater() {
    Tale tale = ended().read("a", 3, 3990, 4000, new KeyValue("a", "va", 2, 2, 1, 1));
    tale.isFine(checker);
    ended()
        .read("a", 4, 3990, 4000, new KeyValue("a", "va", 2, 2, 1, 1))
        .isRefused(checker, "a is read at revision 4, after its lease 1 ended at 4");
  }

  @Test
  void historyMayStillBeRead() {
    ended()
        .ok(
            new Request.Range(KeyRange.one("a"), 3, false, 0, false, Request.Order.KEY),
            new Answer.Ranged(List.of(new KeyValue("a", "va", 2, 2, 1, 1)), 1, false),
            9,
            5000,
            5010)
        .isFine(checker);
  }

  @Test
  void aRevokeTakesTheKeysBeforeItIsAcknowledged() {
    twoKeysOfOne()
        .ok(new Request.Revoke(1), new Answer.Revoked(), 4, 60, 70)
        .told(1, 70, Tale.deletes("a", 4), Tale.deletes("b", 4))
        .isFine(checker);
    twoKeysOfOne()
        .ok(new Request.Revoke(1), new Answer.Revoked(), 4, 60, 70)
        .put("c", "vc", 0, 4, 60, 70)
        .told(1, 70, Tale.puts("c", "vc", 4, 4, 1))
        .told(1, 71, Tale.deletes("a", 5), Tale.deletes("b", 5))
        .isRefused(checker, "lease 1 was revoked by revision 4, and keeps [a, b]");
  }

  @Test
  void aLeaseThatIsGoneLeavesNoKeyBehind() {
    twoKeysOfOne()
        .gone(1, 5000, 5010)
        .put("marker", "end", 0, 4, 5011, 5020)
        .told(1, 5020, Tale.puts("marker", "end", 4, 4, 1))
        .isRefused(checker, "lease 1 is gone, and leaves [a, b] behind");
  }

  @Test
  void aLogThatLacksItsBeginningTellsNothing() {
    new Tale()
        .granted(1, 4, 0, 10)
        .canonical(1)
        .told(1, 70, Tale.deletes("a", 9))
        .cannotBeTold(checker, "nothing from revision 2 to 8");
  }

  @Test
  void withoutLogThereIsNothingToJudge() {
    new Tale().granted(1, 4, 0, 10).doesNotApply(checker);
  }

  private static Tale ended() {
    return twoKeysOfOne().told(1, 4000, Tale.deletes("a", 4), Tale.deletes("b", 4));
  }

  private static Tale twoKeysOfOne() {
    return new Tale()
        .granted(1, 4, 0, 10)
        .granted(2, 4, 0, 10)
        .put("a", "va", 1, 2, 20, 30)
        .put("b", "vb", 1, 3, 40, 50)
        .canonical(1)
        .told(1, 30, Tale.puts("a", "va", 2, 2, 1, 1))
        .told(1, 50, Tale.puts("b", "vb", 3, 3, 1, 1));
  }
}
