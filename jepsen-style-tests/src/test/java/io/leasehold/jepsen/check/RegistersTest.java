package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class RegistersTest {
  private static final KeyValue A = new KeyValue("a", "1", 2, 2, 1, 0);
  private static final KeyValue B = new KeyValue("a", "2", 2, 3, 2, 0);

  private final Checker checker = new Registers();

  @Test
  void revisionsAreNotLookedAt() {
    // The revisions are nonsense, which is for others to say.
    new Tale().put("a", "1", 0, 9, 20, 30).read("a", 1, 40, 50, A).isFine(checker);
  }

  @Test
  void aStaleReadIsRefused() {
    new Tale()
        .put("a", "1", 0, 2, 20, 30)
        .put("a", "2", 0, 3, 40, 50)
        .read("a", 3, 60, 70, A)
        .isRefused(checker, "a: after the longest order, of 2 calls");
  }

  @Test
  void aDeleteIsAWriteOfNothing() {
    Tale deleted =
        new Tale()
            .put("a", "1", 0, 2, 20, 30)
            .ok(
                new Request.Delete(KeyRange.one("a"), false),
                new Answer.Deleted(1, List.of()),
                3,
                40,
                50);
    deleted.read("a", 3, 60, 70).isFine(checker);
    deleted.read("a", 3, 80, 90, A).isRefused(checker, "a: after");
  }

  @Test
  void aTransactionIsACompareAndSet() {
    set("1", true).read("a", 3, 60, 70, B).isFine(checker);
    set("1", true).read("a", 3, 60, 70, A).isRefused(checker, "a: after");
    set("9", true).isRefused(checker, "a: after");
    set("1", false).isRefused(checker, "a: after");
    set("9", false).isFine(checker);
  }

  @Test
  void anUnknownWriteMayShowLate() {
    new Tale()
        .unknown(new Request.Put("a", "1", 0, false), 20, 30)
        .read("a", 1, 40, 50)
        .read("a", 2, 60, 70, A)
        .isFine(checker);
  }

  @Test
  void aRefusedWriteMayNotShow() {
    new Tale()
        .failed(new Request.Put("a", "1", 0, false), "no leader", 20, 30)
        .read("a", 2, 60, 70, A)
        .isRefused(checker, "a: after");
  }

  @Test
  void keysThatAreNoRegistersAreLeftAlone() {
    new Tale().put("a", "1", 7, 2, 20, 30).read("a", 3, 5000, 5010).doesNotApply(checker);
    new Tale()
        .put("a", "1", 0, 2, 20, 30)
        .unknown(new Request.Delete(KeyRange.prefix("a"), false), 32, 34)
        .read("a", 3, 60, 70)
        .doesNotApply(checker);
    new Tale()
        .unknown(new Request.Acquire("a", 7), 20, 30)
        .read("a/7", 3, 60, 70, new KeyValue("a/7", "", 2, 2, 1, 7))
        .doesNotApply(checker);
  }

  @Test
  void bothWitnessesAgreeOnWhatACorrectClusterDoes() {
    for (int seed = 0; seed < 50; seed++) {
      Evidence evidence = new Evidence(new History(LegalRun.of(seed, 100)));
      assertThat(checker.check(evidence, RunParameters.defaults()).ruling())
          .as("seed %s", seed)
          .isIn(Ruling.OK, Ruling.NOT_APPLICABLE);
    }
  }

  private static Tale set(String expected, boolean succeeded) {
    Request txn =
        new Request.Txn(
            List.of(Request.Guard.value("a", Request.Relation.EQUAL, expected)),
            List.of(new Request.Put("a", "2", 0, false)),
            List.of());
    List<Answer> parts = succeeded ? List.of(new Answer.Written(null)) : List.of();
    return new Tale()
        .put("a", "1", 0, 2, 20, 30)
        .ok(txn, new Answer.Decided(succeeded, parts), 3, 40, 50);
  }
}
