package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Request;
import org.junit.jupiter.api.Test;

class TtlReportsTest {
  private final Checker checker = new TtlReports();

  @Test
  void whatIsLeftIsReportedInWholeSeconds() {
    new Tale()
        .granted(1, 10, 0, 10)
        .left(1, 10, 10, 11, 12)
        .left(1, 7, 10, 1999, 2000)
        .isFine(checker);
  }

  @Test
  void aSecondMoreThanRoundingIsMissing() {
    new Tale()
        .granted(1, 10, 0, 10)
        .left(1, 6, 10, 1990, 1999)
        .isRefused(checker, "6 s left where 8.0 s are owed");
  }

  @Test
  void aRenewalThatWasAcknowledgedBeforeCounts() {
    new Tale()
        .granted(1, 10, 0, 10)
        .renewed(1, 10, 5000, 5010)
        .left(1, 4, 10, 5010, 5020)
        .isRefused(checker, "owed");
  }

  @Test
  void aRenewalThatIsUnderWayDoesNotCount() {
    new Tale()
        .granted(1, 10, 0, 10)
        .renewed(1, 10, 5000, 5015)
        .left(1, 4, 10, 5014, 5020)
        .isFine(checker);
    new Tale()
        .granted(1, 10, 0, 10)
        .renewalUnknown(1, 5000, 5005)
        .left(1, 4, 10, 5010, 5020)
        .isFine(checker);
  }

  @Test
  void neverIsMoreLeftThanTheTtl() {
    new Tale()
        .granted(1, 10, 0, 10)
        .left(1, 11, 10, 20, 30)
        .isRefused(checker, "11 s left of a TTL of 10 s");
  }

  @Test
  void theTtlIsReportedAsGranted() {
    new Tale()
        .granted(1, 10, 0, 10)
        .left(1, 10, 60, 20, 30)
        .isRefused(checker, "of 10 s is reported with a TTL of 60 s");
  }

  @Test
  void aLeaseThatIsBeingRevokedOwesNothing() {
    new Tale()
        .granted(1, 10, 0, 10)
        .unknown(new Request.Revoke(1), 20, 9000)
        .left(1, 0, 10, 25, 30)
        .isFine(checker);
  }

  @Test
  void aLeaseThatIsDueHasNothingLeft() {
    new Tale().granted(1, 10, 0, 10).left(1, 0, 10, 10_100, 10_200).isFine(checker);
  }

  @Test
  void aLeaseLivesForAsLongAsWasReported() {
    new Tale().granted(1, 10, 0, 10).left(1, 10, 10, 900, 910).gone(1, 9890, 9900).isFine(checker);
    new Tale()
        .granted(1, 10, 0, 10)
        .left(1, 10, 10, 4900, 4910)
        .gone(1, 10_010, 10_020)
        .isRefused(checker, "was gone 4.9 s sooner than was reported");
  }

  @Test
  void aLeaseThatIsRevokedMayGoSoonerThanWasReported() {
    new Tale()
        .granted(1, 10, 0, 10)
        .left(1, 9, 10, 900, 910)
        .revoked(1, 1000, 1010)
        .isFine(checker);
  }

  @Test
  void withoutReportsThereIsNothingToJudge() {
    new Tale().granted(1, 10, 0, 10).gone(1, 20_000, 20_001).doesNotApply(checker);
  }
}
