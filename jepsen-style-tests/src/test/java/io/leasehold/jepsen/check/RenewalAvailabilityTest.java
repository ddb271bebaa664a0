package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Stall;
import org.junit.jupiter.api.Test;

class RenewalAvailabilityTest {
  private final Checker checker = new RenewalAvailability();

  @Test
  void whoRenewsKeepsItsLease() {
    Verdict verdict = renewing(30_000).judgedBy(checker);
    assertThat(verdict.ruling()).isEqualTo(Ruling.OK);
    assertThat(verdict.figure("leases renewed in time")).isEqualTo(1);
  }

  @Test
  void aLeaseThatIsLostAllTheSameIsRefused() {
    renewing(30_000).gone(1, 30_500, 30_510).isRefused(checker, "lease 1 of 6 s was lost");
    renewing(30_000).renewed(1, 0, 31_000, 31_010).isRefused(checker, "lease 1");
    renewing(30_000).notFound(new Request.Renew(1), 31_000, 31_010).isRefused(checker, "lease 1");
  }

  @Test
  void attemptsThatFailAreAttempts() {
    Tale tale = new Tale().granted(1, 6, 0, 10);
    for (int at = 2000; at <= 8000; at += 2000) {
      tale.renewalUnknown(1, at, at + 500);
    }
    tale.gone(1, 9000, 9010).isRefused(checker, "lease 1");
  }

  @Test
  void whoStopsRenewingMayLoseItsLease() {
    Verdict verdict = renewing(30_000).gone(1, 37_000, 37_010).judgedBy(checker);
    assertThat(verdict.ruling()).isEqualTo(Ruling.OK);
    assertThat(verdict.figure("leases renewed in time")).isEqualTo(1);
  }

  @Test
  void aPauseOfTheClientIsNoFaultOfTheCluster() {
    renewing(10_000).renewed(1, 6, 15_000, 15_010).gone(1, 15_500, 15_510).doesNotApply(checker);
    renewing(10_000)
        .with(new Stall(Tale.nanos(8000), Tale.nanos(9800)))
        .gone(1, 10_500, 10_510)
        .doesNotApply(checker);
  }

  @Test
  void aShortTtlIsNotPromised() {
    Tale tale = new Tale().granted(1, 4, 0, 10);
    for (int at = 1000; at <= 9000; at += 1000) {
      tale.renewed(1, 4, at, at + 10);
    }
    tale.gone(1, 9500, 9510).doesNotApply(checker);
  }

  @Test
  void aRevokedLeaseIsNotLost() {
    renewing(30_000).revoked(1, 30_400, 30_410).gone(1, 30_500, 30_510).doesNotApply(checker);
  }

  @Test
  void moreThanOneBrokenMemberIsNotPromised() {
    Verdict verdict =
        renewing(30_000)
            .gone(1, 30_500, 30_510)
            .judgedBy(checker, RunParameters.defaults().withMinorityFaultsOnly(false));
    assertThat(verdict.ruling()).isEqualTo(Ruling.NOT_APPLICABLE);
  }

  @Test
  void withoutRenewalsThereIsNothingToJudge() {
    new Tale().granted(1, 6, 0, 10).gone(1, 7000, 7010).doesNotApply(checker);
  }

  private static Tale renewing(long until) {
    Tale tale = new Tale().granted(1, 6, 0, 10);
    for (long at = 2000; at <= until; at += 2000) {
      tale.renewed(1, 6, at, at + 10);
    }
    return tale;
  }
}
