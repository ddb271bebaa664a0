package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Stall;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecoveryTest {
  private final Checker checker = new Recovery();

  @Test
  void everyMemberServesWritesSoonAfterTheLastFault() {
    broken()
        .put("a", "1", 0, 2, 2000, 11_000)
        .on("n2")
        .put("a", "2", 0, 3, 2000, 2100)
        .isFine(checker);
    broken()
        .put("a", "1", 0, 2, 2000, 11_001)
        .isRefused(checker, "n1 served a write only 10.0 s after");
  }

  @Test
  void aMemberThatServesNoWriteIsRefused() {
    broken()
        .on("n2")
        .put("a", "2", 0, 3, 2000, 2100)
        .on("n3")
        .unknown(new Request.Put("a", "3", 0, false), 11_000, 20_000)
        .isRefused(checker, "n3 served no write");
  }

  @Test
  void readsSayNothing() {
    broken().read("a", 1, 11_000, 20_000).doesNotApply(checker);
    broken()
        .read("a", 1, 2000, 2010)
        .unknown(new Request.Grant(0, 4), 11_000, 20_000)
        .isRefused(checker, "n1 served no write");
  }

  @Test
  void aRunThatEndsTooSoonTellsNothing() {
    broken()
        .unknown(new Request.Put("a", "3", 0, false), 2000, 9000)
        .cannotBeTold(checker, "n1 was not asked long enough");
  }

  @Test
  void aGrantIsAWrite() {
    broken().granted(1, 4, 2000, 2100).isFine(checker);
    broken().granted(1, 4, 2000, 11_100).isRefused(checker, "10.1 s after");
  }

  /** Clients that have found a member that serves them stay with it. */
  @Test
  void whoIsAskedLateAndServesAtOnceIsNotLate() {
    broken().granted(1, 4, 11_000, 11_100).isFine(checker);
    broken().granted(1, 4, 11_000, 12_100).isRefused(checker, "11.1 s after");
    broken()
        .unknown(new Request.Grant(0, 4), 2000, 5000)
        .granted(1, 4, 11_000, 11_100)
        .isRefused(checker, "10.1 s after");
  }

  @Test
  void whileTheHarnessDidNotRunNobodyIsLate() {
    broken()
        .with(new Stall(Tale.nanos(3000), Tale.nanos(4000)))
        .put("a", "1", 0, 2, 2000, 11_999)
        .isFine(checker);
    broken()
        .with(new Stall(Tale.nanos(3000), Tale.nanos(4000)))
        .put("a", "1", 0, 2, 2000, 12_001)
        .isRefused(checker, "n1 served a write only 10.0 s after");
  }

  @Test
  void theLastFaultCounts() {
    broken()
        .with(new FaultWindow("kill", "n2", Tale.nanos(5000), Tale.nanos(30_000)))
        .put("a", "1", 0, 2, 20_000, 20_001)
        .put("a", "2", 0, 3, 30_001, 31_000)
        .isFine(checker);
  }

  @Test
  void whoWasNotHitWaitsForNoStart() {
    RunParameters slow =
        RunParameters.defaults()
            .withRecoveryNanosMax(Tale.nanos(40_000))
            .withQuorumLossFaults(Set.of("kill all"));

    assertThat(writtenLate("n1", "kill").judgedBy(checker, slow).ruling()).isEqualTo(Ruling.OK);
    assertThat(writtenLate("n2", "kill").judgedBy(checker, slow).ruling())
        .isEqualTo(Ruling.VIOLATED);
    assertThat(writtenLate("n2", "kill all").judgedBy(checker, slow).ruling()).isEqualTo(Ruling.OK);
  }

  private static Tale writtenLate(String member, String fault) {
    return new Tale()
        .with(new FaultWindow(fault, "n1", Tale.nanos(500), Tale.nanos(1000)))
        .on(member)
        .put("a", "1", 0, 2, 2000, 11_001);
  }

  @Test
  void withoutFaultsThereIsNothingToJudge() {
    new Tale().put("a", "1", 0, 2, 20, 30).doesNotApply(checker);
    broken().doesNotApply(checker);
  }

  private static Tale broken() {
    return new Tale().with(new FaultWindow("kill", "n1", Tale.nanos(500), Tale.nanos(1000)));
  }
}
