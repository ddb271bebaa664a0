package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class OneLifeTest {
  private static final KeyValue ATTACHED = new KeyValue("k", "v", 2, 2, 1, 1);

  private final Checker checker = new OneLife();

  @Test
  void aLifeIsOneInterval() {
    new Tale()
        .granted(1, 4, 0, 10)
        .renewed(1, 4, 100, 110)
        .revoked(1, 200, 210)
        .gone(1, 220, 230)
        .isFine(checker);
  }

  @Test
  void overlappingOperationsMayDisagree() {
    new Tale().granted(1, 4, 0, 10).gone(1, 100, 130).renewed(1, 4, 120, 140).isFine(checker);
  }

  @Test
  void aTieOfTheClockProvesNothing() {
    new Tale().granted(1, 4, 0, 10).gone(1, 100, 120).renewed(1, 4, 120, 140).isFine(checker);
  }

  @Test
  void aRenewalOfUnknownOutcomeAfterTheEndIsNoLife() {
    ended().renewalUnknown(1, 130, 140).isFine(checker);
  }

  @Test
  void nothingOfALeaseIsSeenAfterItsEnd() {
    String words = "lease 1 was gone, and alive afterwards";
    ended().renewed(1, 4, 121, 140).isRefused(checker, words);
    ended().left(1, 3, 4, 121, 140).isRefused(checker, words);
    ended().listed(121, 140, 1L).isRefused(checker, words);
    ended().put("k", "v", 1, 2, 121, 140).isRefused(checker, words);
    ended().read("k", 2, 121, 140, ATTACHED).isRefused(checker, words);
    ended()
        .ok(new Request.Acquire("lock", 1), new Answer.Acquired("lock/1", 2, 2), 2, 121, 140)
        .isRefused(checker, words);
    ended()
        .ok(
            new Request.Txn(List.of(), List.of(new Request.Put("k", "v", 1, false)), List.of()),
            new Answer.Decided(true, List.of(new Answer.Written(null))),
            2,
            121,
            140)
        .isRefused(checker, words);
  }

  @Test
  void aRenewalIsNotAcknowledgedAfterTheRevokeWas() {
    new Tale()
        .granted(1, 4, 0, 10)
        .revoked(1, 20, 30)
        .renewed(1, 4, 31, 40)
        .isRefused(checker, "lease 1");
  }

  @Test
  void whoSawTheKeysDeletedSawTheEnd() {
    new Tale()
        .granted(1, 4, 0, 10)
        .put("k", "v", 1, 2, 20, 30)
        .canonical(1)
        .told(1, 30, Tale.puts("k", "v", 2, 2, 1, 1))
        .told(1, 5000, Tale.deletes("k", 3))
        .renewed(1, 4, 5001, 5002)
        .isRefused(checker, "lease 1");
  }

  @Test
  void staleReadsAreNoLife() {
    ended()
        .ok(
            new Request.Range(KeyRange.one("k"), 0, true, 0, false, Request.Order.KEY),
            new Answer.Ranged(List.of(ATTACHED), 1, false),
            2,
            130,
            140)
        .isFine(checker);
    ended()
        .ok(
            new Request.Range(KeyRange.one("k"), 2, false, 0, false, Request.Order.KEY),
            new Answer.Ranged(List.of(ATTACHED), 1, false),
            3,
            130,
            140)
        .isFine(checker);
    ended()
        .ok(new Request.ListLeases(false), new Answer.Leases(List.of(1L)), 1, 130, 140)
        .isFine(checker);
  }

  @Test
  void aBranchThatWasNotTakenIsNoLife() {
    ended()
        .ok(
            new Request.Txn(List.of(), List.of(new Request.Put("k", "v", 1, false)), List.of()),
            new Answer.Decided(false, List.of()),
            2,
            121,
            140)
        .isFine(checker);
  }

  @Test
  void aLeaseIsNotSeenBeforeItWasAskedFor() {
    new Tale()
        .listed(0, 10, 1L)
        .granted(1, 4, 11, 20)
        .isRefused(checker, "lease 1 was there before it was asked for");
  }

  @Test
  void aLeaseMayBeSeenWhileItsGrantIsUnderWay() {
    new Tale().listed(0, 12, 1L).granted(1, 4, 11, 20).isFine(checker);
  }

  @Test
  void oneSightingAmongManyIsEnough() {
    Tale tale = new Tale().granted(1, 4, 0, 10);
    for (long i = 1; i <= 50; i++) {
      tale.renewed(1, 4, 100 * i, 100 * i + 10);
    }
    tale.gone(1, 4990, 4995).isRefused(checker, "lease 1");
  }

  @Test
  void aLeaseIsMissedByTheListThatFirstLacksIt() {
    new Tale()
        .granted(1, 4, 0, 10)
        .granted(2, 4, 0, 10)
        .listed(20, 30, 1L, 2L)
        .listed(40, 50, 2L)
        .listed(60, 70, 1L, 2L)
        .isRefused(checker, "lease 1");
  }

  @Test
  void withoutLeasesThereIsNothingToJudge() {
    new Tale().doesNotApply(checker);
  }

  private static Tale ended() {
    return new Tale().granted(1, 4, 0, 10).gone(1, 100, 120);
  }
}
