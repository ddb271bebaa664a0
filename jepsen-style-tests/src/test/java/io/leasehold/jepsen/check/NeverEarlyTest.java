package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class NeverEarlyTest {
  private final Checker checker = new NeverEarly();

  @Test
  void aLeaseMayEndWhenItsTtlIsOver() {
    new Tale().granted(1, 4, 100, 110).gone(1, 4095, 4100).isFine(checker);
  }

  @Test
  void aLeaseMayNotEndAMillisecondEarlier() {
    Verdict verdict =
        new Tale()
            .granted(1, 4, 100, 110)
            .gone(1, 4090, 4099)
            .isRefused(checker, "lease 1 was gone 1.0 ms before its TTL of 4 s was over");
    assertThat(verdict.figure("narrowest margin, ms")).isEqualTo(-1);
    assertThat(verdict.figure(Verdict.FIRST_VIOLATION)).isEqualTo(4.099);
  }

  @Test
  void theTtlCountsFromWhenTheRenewalWasSent() {
    Tale renewed = new Tale().granted(1, 4, 0, 10).renewed(1, 4, 2000, 3000);
    renewed.gone(1, 5990, 6000).isFine(checker);
    new Tale()
        .granted(1, 4, 0, 10)
        .renewed(1, 4, 2000, 3000)
        .gone(1, 5980, 5999)
        .isRefused(checker, "1.0 ms");
  }

  @Test
  void theTtlThatWasAnsweredCountsNotTheOneAskedFor() {
    new Tale()
        .ok(new Request.Grant(0, 1), new Answer.Granted(1, 2), 1, 0, 10)
        .gone(1, 1500, 1501)
        .isRefused(checker, "TTL of 2 s");
  }

  @Test
  void anEarlierRenewalWithALongerRestCounts() {
    new Tale()
        .granted(1, 9, 0, 1)
        .renewed(1, 4, 1000, 1001)
        .gone(1, 6000, 6001)
        .isRefused(checker, "TTL of 9 s");
  }

  @Test
  void aRenewalOfUnknownOutcomePromisesNothing() {
    new Tale()
        .granted(1, 4, 0, 10)
        .renewalUnknown(1, 2000, 3000)
        .gone(1, 4000, 4001)
        .isFine(checker);
  }

  @Test
  void aRenewalThatWasRefusedPromisesNothing() {
    new Tale().granted(1, 4, 0, 10).notFound(new Request.Renew(1), 4001, 4002).isFine(checker);
  }

  @Test
  void aRevokedLeaseMayEndAtOnce() {
    new Tale().granted(1, 4, 0, 10).revoked(1, 20, 30).gone(1, 30, 40).isFine(checker);
  }

  @Test
  void aLeaseMayEndWhileARevokeIsUnderWay() {
    new Tale()
        .granted(1, 4, 0, 10)
        .unknown(new Request.Revoke(1), 20, 9000)
        .gone(1, 25, 30)
        .isFine(checker);
  }

  @Test
  void aLeaseMayNotEndBeforeTheRevokeWasSent() {
    new Tale()
        .granted(1, 4, 0, 10)
        .gone(1, 20, 30)
        .revoked(1, 31, 40)
        .isRefused(checker, "lease 1");
  }

  @Test
  void aRevokeThatWasCertainlyNotExecutedIsNoExcuse() {
    new Tale()
        .granted(1, 4, 0, 10)
        .failed(new Request.Revoke(1), "UNAVAILABLE: no leader", 20, 25)
        .gone(1, 30, 40)
        .isRefused(checker, "lease 1");
  }

  @Test
  void eachKindOfAbsenceProvesTheEnd() {
    granted().renewed(1, 0, 50, 60).isRefused(checker, "lease 1");
    granted().notFound(new Request.Renew(1), 50, 60).isRefused(checker, "lease 1");
    granted().notFound(new Request.Revoke(1), 50, 60).isRefused(checker, "lease 1");
    granted().notFound(new Request.Put("k", "v", 1, false), 50, 60).isRefused(checker, "lease 1");
    granted().listed(50, 60, 2L).isRefused(checker, "lease 1");
    granted()
        .notFound(
            new Request.Txn(List.of(), List.of(new Request.Put("k", "v", 1, false)), List.of()),
            50,
            60)
        .isRefused(checker, "lease 1");
  }

  @Test
  void theDeletionOfItsKeysProvesTheEnd() {
    granted()
        .put("k", "v", 1, 2, 20, 30)
        .canonical(1)
        .told(1, 30, Tale.puts("k", "v", 2, 2, 1, 1))
        .told(1, 500, Tale.deletes("k", 3))
        .isRefused(checker, "lease 1 was gone 3500.0 ms before");
  }

  @Test
  void whatIsNoProofOfTheEndIsNotTakenForOne() {
    granted().listed(5, 60, 2L).isFine(checker);
    granted().unknown(new Request.Renew(1), 50, 60).isFine(checker);
    granted().left(1, 0, 4, 50, 60).isFine(checker);
    granted().left(1, -1, 4, 50, 60).isFine(checker);
    granted()
        .ok(new Request.ListLeases(false), new Answer.Leases(List.of()), 1, 50, 60)
        .isFine(checker);
    granted()
        .notFound(
            new Request.Txn(
                List.of(),
                List.of(new Request.Put("k", "v", 1, false)),
                List.of(new Request.Put("k", "w", 2, false))),
            50,
            60)
        .isFine(checker);
  }

  @Test
  void absenceBeforeTheGrantWasAcknowledgedIsNoEnd() {
    new Tale().gone(1, 0, 8).granted(1, 4, 5, 10).gone(1, 9, 20).isFine(checker);
  }

  @Test
  void theClocksRateIsAllowedFor() {
    RunParameters fast = RunParameters.defaults().withRho(0.25);
    Tale tale = new Tale().granted(1, 4, 0, 10).gone(1, 3199, 3200);
    assertThat(tale.judgedBy(checker, fast).ruling()).isEqualTo(Ruling.OK);
    assertThat(new Tale().granted(1, 4, 0, 10).gone(1, 3198, 3199).judgedBy(checker, fast).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void withoutLeasesThereIsNothingToJudge() {
    new Tale().read("k", 1, 0, 1, new KeyValue("k", "v", 1, 1, 1, 0)).doesNotApply(checker);
  }

  private static Tale granted() {
    return new Tale().granted(1, 4, 0, 10).granted(2, 4, 0, 10);
  }
}
