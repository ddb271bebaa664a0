package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import io.leasehold.jepsen.history.WatchAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StrictSerializabilityTest {
  private static final int SEEDS = 60;
  private static final int REQUESTS = 120;
  private static final KeyValue A1 = new KeyValue("a", "1", 2, 2, 1, 0);
  private static final KeyValue A2 = new KeyValue("a", "2", 2, 3, 2, 0);

  private final Checker checker = new StrictSerializability();

  @Test
  void aWriteIsReadByAllThatComeAfterIt() {
    twoWrites().read("a", 3, 60, 70, A2).read("b", 3, 60, 70).isFine(checker);
  }

  @Test
  void aReadThatOverlapsAWriteMayShowEither() {
    twoWrites().read("a", 2, 35, 45, A1).isFine(checker);
    twoWrites().read("a", 3, 35, 45, A2).isFine(checker);
  }

  @Test
  void aTieOfTheClockProvesNothing() {
    twoWrites().read("a", 2, 50, 60, A1).isFine(checker);
  }

  @Test
  void aStaleReadIsRefused() {
    twoWrites()
        .read("a", 2, 51, 60, A1)
        .isRefused(checker, "a read was answered at revision 2, though 3 had been seen");
  }

  @Test
  void aSerializableReadMayBeStaleButNotWrong() {
    Request stale = new Request.Range(KeyRange.one("a"), 0, true, 0, false, Request.Order.KEY);
    twoWrites().ok(stale, new Answer.Ranged(List.of(A1), 1, false), 2, 500, 510).isFine(checker);
    twoWrites()
        .ok(stale, new Answer.Ranged(List.of(A2), 1, false), 2, 500, 510)
        .isRefused(checker, "at revision 2 the answer is");
  }

  @Test
  void historyIsReadAsItWas() {
    Request old = new Request.Range(KeyRange.one("a"), 2, false, 0, false, Request.Order.KEY);
    twoWrites().ok(old, new Answer.Ranged(List.of(A1), 1, false), 3, 500, 510).isFine(checker);
    twoWrites()
        .ok(old, new Answer.Ranged(List.of(A2), 1, false), 3, 500, 510)
        .isRefused(checker, "at revision 2 the answer is");
  }

  @Test
  void aWriteBehindARevisionThatWasSeenIsRefused() {
    new Tale()
        .put("a", "1", 0, 3, 20, 30)
        .put("a", "2", 0, 2, 40, 50)
        .canonical(1)
        .told(1, 60, Tale.puts("a", "2", 2, 2, 1), Tale.puts("a", "1", 2, 3, 2))
        .isRefused(checker, "a write took revision 2, though 3 had been seen");
  }

  @Test
  void aLostWriteIsRefusedWhoeverTookItsRevision() {
    new Tale()
        .put("a", "1", 0, 2, 20, 30)
        .put("b", "x", 0, 2, 40, 50)
        .canonical(1)
        .told(1, 60, Tale.puts("b", "x", 2, 2, 1))
        .isRefused(checker, "revision 2 was answered to two writes");
  }

  @Test
  void aWriteOfUnknownOutcomeMayHappenOnceOrNever() {
    unknownWrite().isFine(checker);
    unknownWrite().told(1, 60, Tale.puts("b", "x", 4, 4, 1)).isFine(checker);
    unknownWrite()
        .told(1, 60, Tale.puts("b", "x", 4, 4, 1))
        .told(1, 61, Tale.puts("b", "x", 4, 5, 2))
        .isRefused(checker, "which happened once already");
  }

  @Test
  void aWriteOfUnknownOutcomeDoesNotHappenBeforeItWasSent() {
    new Tale()
        .put("a", "1", 0, 3, 20, 30)
        .unknown(new Request.Put("b", "x", 0, false), 40, 50)
        .canonical(1)
        .told(1, 60, Tale.puts("b", "x", 2, 2, 1))
        .told(1, 61, Tale.puts("a", "1", 3, 3, 1))
        .isRefused(checker, "a write took revision 2, though 3 had been seen");
  }

  @Test
  void aWriteThatWasRefusedDoesNotHappen() {
    twoWrites()
        .failed(new Request.Put("b", "x", 0, false), "UNAVAILABLE: no leader", 60, 70)
        .told(1, 80, Tale.puts("b", "x", 4, 4, 1))
        .isRefused(checker, "though that was refused");
  }

  @Test
  void aWriteTakesARevisionOfItsOwn() {
    new Tale()
        .put("a", "1", 0, 1, 20, 30)
        .canonical(1)
        .told(1, 30)
        .isRefused(checker, "a write took revision 1");
  }

  @Test
  void aDeleteIsTracedToARequestThatWasSentBefore() {
    twoWrites()
        .unknown(new Request.Delete(KeyRange.one("a"), false), 52, 53)
        .put("b", "x", 0, 5, 54, 60)
        .unknown(new Request.Delete(KeyRange.one("a"), false), 61, 70)
        .told(1, 60, Tale.deletes("a", 4))
        .told(1, 60, Tale.puts("b", "x", 5, 5, 1))
        .isFine(checker);
    twoWrites()
        .put("b", "x", 0, 5, 54, 60)
        .unknown(new Request.Delete(KeyRange.one("a"), false), 61, 70)
        .told(1, 60, Tale.deletes("a", 4))
        .told(1, 60, Tale.puts("b", "x", 5, 5, 1))
        .isRefused(checker, "deletes [a], which nobody asked for");
  }

  @Test
  void anAcknowledgedWriteDoesNotHappenAgain() {
    twoWrites()
        .told(1, 80, Tale.puts("a", "1", 2, 4, 3))
        .isRefused(checker, "though that was acknowledged at revision 2");
  }

  @Test
  void whatNobodyWroteIsRefused() {
    twoWrites()
        .told(1, 80, Tale.puts("a", "9", 2, 4, 3))
        .isRefused(checker, "to a value that nobody wrote");
    twoWrites().told(1, 80, Tale.deletes("a", 4)).isRefused(checker, "which nobody asked for");
  }

  @Test
  void aReleaseThatFoundItsKeyGoneTakesNoRevisionFromOthers() {
    new Tale()
        .put("a", "1", 0, 2, 5, 8)
        .with(FencingTest.acquired("l", 1, "l/1", 3, 3, 20))
        .ok(new Request.Release("m", "m/9", 1), new Answer.Released(), 3, 30, 40)
        .canonical(1)
        .told(1, 60, Tale.puts("a", "1", 2, 2, 1))
        .told(1, 61, Tale.puts("l/1", "", 3, 3, 1, 1))
        .isFine(checker);
  }

  @Test
  void locksThatTheServerGrantsAndTakesBackAreRequestsToo() {
    new Tale()
        .with(FencingTest.acquired("l", 1, "l/1", 2, 2, 10))
        .ok(new Request.Release("l", "l/1", 2), new Answer.Released(), 3, 20, 25)
        .unknown(new Request.Acquire("l", 2), 26, 40)
        .put("a", "1", 0, 6, 50, 60)
        .canonical(1)
        .told(1, 12, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 22, Tale.deletes("l/1", 3))
        .told(1, 30, Tale.puts("l/2", "", 4, 4, 1, 2))
        .told(1, 41, Tale.deletes("l/2", 5))
        .told(1, 60, Tale.puts("a", "1", 6, 6, 1))
        .isFine(checker);
    twoWrites()
        .ok(new Request.Release("l", "l/1", 2), new Answer.Released(), 4, 60, 70)
        .told(1, 80, Tale.deletes("a", 4))
        .isRefused(checker, "which nobody asked for");
  }

  @Test
  void membersThatToldDifferentThingsAreRefused() {
    twoWrites()
        .on("n2")
        .canonical(2)
        .told(2, 60, Tale.puts("a", "1", 2, 2, 1))
        .told(2, 60, Tale.puts("a", "other", 2, 3, 2))
        .isRefused(checker, "two watches tell different things about revision 3");
  }

  @Test
  void aMemberThatLeavesARevisionOutIsRefused() {
    twoWrites()
        .on("n2")
        .canonical(2)
        .told(2, 60, Tale.puts("a", "2", 2, 3, 2))
        .isRefused(checker, "the canonical watch on n2 tells of revision 3 where 2 was next");
  }

  @Test
  void aTransactionTakesTheBranchThatItsGuardsSay() {
    Request txn =
        new Request.Txn(
            List.of(Request.Guard.value("a", Request.Relation.EQUAL, "2")),
            List.of(new Request.Put("a", "3", 0, false)),
            List.of(Request.Range.of("a")));
    twoWrites()
        .ok(txn, new Answer.Decided(true, List.of(new Answer.Written(null))), 4, 60, 70)
        .told(1, 80, Tale.puts("a", "3", 2, 4, 3))
        .isFine(checker);
    twoWrites()
        .ok(
            txn,
            new Answer.Decided(false, List.of(new Answer.Ranged(List.of(A2), 1, false))),
            3,
            60,
            70)
        .isRefused(checker, "at revision 3 the answer is");
  }

  @Test
  void versionsAndRevisionsAreCounted() {
    new Tale()
        .put("a", "1", 0, 2, 20, 30)
        .put("a", "2", 0, 3, 40, 50)
        .canonical(1)
        .told(1, 30, Tale.puts("a", "1", 2, 2, 1))
        .told(1, 50, Tale.puts("a", "2", 2, 3, 1))
        .isRefused(checker, "where this request makes");
  }

  @Test
  void anIncompleteLogTellsNothing() {
    new Tale().put("a", "1", 0, 2, 20, 30).cannotBeTold(checker, "no canonical watch");
    new Tale()
        .put("a", "1", 0, 2, 20, 30)
        .put("a", "2", 0, 3, 40, 50)
        .canonical(1)
        .told(1, 30, Tale.puts("a", "1", 2, 2, 1))
        .cannotBeTold(checker, "ends at revision 2, but 3 was answered");
  }

  @Test
  void withoutRequestsOnKeysThereIsNothingToJudge() {
    new Tale().granted(1, 4, 0, 10).doesNotApply(checker);
  }

  @Test
  void whatACorrectClusterDoesIsFine() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Verdict verdict = judge(LegalRun.of(seed, REQUESTS));
      assertThat(verdict.ruling()).as("seed %s: %s", seed, verdict).isEqualTo(Ruling.OK);
      assertThat(verdict.figure("answers replayed")).isGreaterThan(REQUESTS / 2.0);
    }
  }

  @Test
  void everyMutationOfALegalHistoryIsRefuted() {
    for (Mutation mutation : Mutation.values()) {
      int made = 0;
      for (int seed = 0; seed < SEEDS; seed++) {
        List<Entry> entries = LegalRun.of(seed, REQUESTS);
        if (mutation.make(entries, new Random(seed))) {
          made++;
          Verdict verdict = judge(entries);
          assertThat(verdict.ruling())
              .as("seed %s, %s: %s", seed, mutation, verdict)
              .isEqualTo(Ruling.VIOLATED);
        }
      }
      assertThat(made).as(mutation.toString()).isGreaterThan(SEEDS / 2);
    }
  }

  private Verdict judge(List<Entry> entries) {
    return checker.check(new Evidence(new History(entries)), RunParameters.defaults());
  }

  /** One thing that a correct cluster never does. */
  private enum Mutation {
    A_READ_SHOWS_ANOTHER_VALUE {
      @Override
      @Nullable Entry replace(Op op) {
        return op.answer() instanceof Answer.Ranged ranged && !ranged.found().isEmpty()
            ? with(op, new Answer.Ranged(List.of(wrong(ranged.found().get(0))), 1, false))
            : null;
      }
    },
    A_READ_SHOWS_NOTHING {
      @Override
      @Nullable Entry replace(Op op) {
        return op.answer() instanceof Answer.Ranged ranged && ranged.count() > 0
            ? with(op, new Answer.Ranged(List.of(), 0, false))
            : null;
      }
    },
    AN_ACKNOWLEDGED_WRITE_WAS_REFUSED {
      @Override
      @Nullable Entry replace(Op op) {
        return op.answer() instanceof Answer.Written
            ? Op.unanswered(
                op.process(),
                op.node(),
                op.request(),
                Result.FAIL,
                "no",
                op.invokedNanos(),
                op.returnedNanos())
            : null;
      }
    },
    A_TRANSACTION_SAYS_THE_OTHER_BRANCH {
      @Override
      @Nullable Entry replace(Op op) {
        return op.answer() instanceof Answer.Decided decided
            ? with(op, new Answer.Decided(!decided.succeeded(), decided.parts()))
            : null;
      }
    },
    A_DELETE_SAYS_ANOTHER_COUNT {
      @Override
      @Nullable Entry replace(Op op) {
        return op.answer() instanceof Answer.Deleted deleted && deleted.count() > 0
            ? with(op, new Answer.Deleted(deleted.count() + 1, deleted.previous()))
            : null;
      }
    },
    A_REQUEST_COMES_LONG_AFTER_ITS_EFFECT {
      @Override
      @Nullable Entry replace(Op op) {
        long later = op.returnedNanos() + 400;
        // Something changed in between, and somebody saw it.
        return op.isOk() && op.request() instanceof Request.OnKeys && op.invokedNanos() < 1500
            ? new Op(
                op.process(),
                op.node(),
                op.request(),
                op.result(),
                op.answer(),
                op.revision(),
                op.term(),
                later,
                later + 1,
                "")
            : null;
      }
    },
    A_MEMBER_TELLS_ANOTHER_VALUE {
      @Override
      @Nullable Entry replace(WatchAnswer answer) {
        var first = answer.events().get(0);
        return answer.stream() == 2
            ? new WatchAnswer(
                2,
                answer.revision(),
                List.of(new Event(first.type(), wrong(first.now()), null)),
                answer.atNanos())
            : null;
      }
    };

    @Nullable Entry replace(Op op) {
      return null;
    }

    @Nullable Entry replace(WatchAnswer answer) {
      return null;
    }

    /** Makes it at one of the places where it can be made, if there is one. */
    boolean make(List<Entry> entries, Random random) {
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < entries.size(); i++) {
        if (replacement(entries.get(i)) != null) {
          places.add(i);
        }
      }
      if (places.isEmpty()) {
        return false;
      }
      int place = places.get(random.nextInt(places.size()));
      Entry replacement = replacement(entries.get(place));
      if (replacement != null) {
        entries.set(place, replacement);
      }
      return true;
    }

    private @Nullable Entry replacement(Entry entry) {
      return entry instanceof Op op
          ? replace(op)
          : entry instanceof WatchAnswer answer ? replace(answer) : null;
    }

    private static Op with(Op op, Answer answer) {
      return Op.ok(
          op.process(),
          op.node(),
          op.request(),
          answer,
          op.revision(),
          op.term(),
          op.invokedNanos(),
          op.returnedNanos());
    }

    private static KeyValue wrong(KeyValue right) {
      return new KeyValue(
          right.key(),
          right.value() + "?",
          right.createRevision(),
          right.modRevision(),
          right.version(),
          right.leaseId());
    }
  }

  private static Tale unknownWrite() {
    return twoWrites().unknown(new Request.Put("b", "x", 0, false), 52, 55);
  }

  private static Tale twoWrites() {
    return new Tale()
        .put("a", "1", 0, 2, 20, 30)
        .put("a", "2", 0, 3, 40, 50)
        .canonical(1)
        .told(1, 50, Tale.puts("a", "1", 2, 2, 1))
        .told(1, 51, Tale.puts("a", "2", 2, 3, 2));
  }
}
