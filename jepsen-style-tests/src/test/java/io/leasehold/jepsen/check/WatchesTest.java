package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchClosed;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class WatchesTest {
  private static final Event A2 = Tale.puts("a", "1", 2, 2, 1);
  private static final Event B2 = Tale.puts("b", "1", 2, 2, 1);
  private static final Event A3 = Tale.puts("a", "2", 2, 3, 2);
  private static final Event A4 = Tale.deletes("a", 4);

  private final Checker checker = new Watches();

  @Test
  void aWatchTellsAllFromItsStart() {
    log().with(watch(2)).told(5, 60, A2, B2).told(5, 61, A3, A4).isFine(checker);
    log().with(watch(3)).told(5, 60, A3).told(5, 61, A4).isFine(checker);
    log().with(watch(90)).isFine(checker);
  }

  @Test
  void aWatchWithoutStartTellsWhatFollowsItsCreation() {
    WatchOpened opened =
        new WatchOpened(5, "n2", KeyRange.all(), 0, 2, false, false, false, false, 0);
    log().with(opened).told(5, 61, A3, A4).isFine(checker);
    log()
        .with(opened)
        .told(5, 61, A2, B2)
        .isRefused(checker, "tells of revision 2, before its start");
  }

  @Test
  void nothingIsLeftOut() {
    log().with(watch(2)).told(5, 60, A2, B2).told(5, 61, A4).isRefused(checker, "leaves out");
  }

  @Test
  void nothingIsToldTwice() {
    log()
        .with(watch(2))
        .told(5, 60, A2, B2)
        .told(5, 61, A3)
        .told(5, 62, A3)
        .isRefused(checker, "again, or too late");
  }

  @Test
  void theOrderIsKept() {
    log().with(watch(2)).told(5, 60, B2, A2).isRefused(checker, "where");
    log().with(watch(3)).told(5, 60, A4).told(5, 61, A3).isRefused(checker, "leaves out");
  }

  @Test
  void aRevisionComesInOneAnswer() {
    log()
        .with(watch(2))
        .told(5, 60, A2)
        .told(5, 61, B2)
        .isRefused(checker, "tells of revision 2 in parts");
  }

  @Test
  void valuesAreTrue() {
    log().with(watch(3)).told(5, 60, Tale.puts("a", "wrong", 2, 3, 2)).isRefused(checker, "where");
    log().with(watch(3)).told(5, 60, Tale.puts("a", "2", 3, 3, 1)).isRefused(checker, "where");
    log().with(watch(3)).told(5, 60, Tale.deletes("a", 3)).isRefused(checker, "where");
  }

  @Test
  void onlyWhatWasAskedForIsTold() {
    WatchOpened ofB =
        new WatchOpened(5, "n2", KeyRange.one("b"), 2, 1, false, false, false, false, 0);
    log().with(ofB).told(5, 60, B2).isFine(checker);
    log().with(ofB).told(5, 60, A2, B2).isRefused(checker, "which it did not ask for");
    WatchOpened deletes =
        new WatchOpened(5, "n2", KeyRange.all(), 2, 1, false, true, false, false, 0);
    log().with(deletes).told(5, 60, A4).isFine(checker);
    log().with(deletes).told(5, 60, A3).isRefused(checker, "which it did not ask for");
    WatchOpened puts =
        new WatchOpened(5, "n2", KeyRange.one("a"), 2, 1, false, false, true, false, 0);
    log().with(puts).told(5, 60, A2).told(5, 61, A3).isFine(checker);
    log()
        .with(puts)
        .told(5, 60, A2)
        .told(5, 61, A3)
        .told(5, 62, A4)
        .isRefused(checker, "which it did not ask for");
  }

  @Test
  void whatWasThereBeforeIsShownIfAskedFor() {
    KeyValue before = A2.now();
    WatchOpened opened =
        new WatchOpened(5, "n2", KeyRange.one("a"), 3, 1, true, false, true, false, 0);
    log().with(opened).told(5, 60, with(A3, before)).isFine(checker);
    log().with(opened).told(5, 60, A3).isRefused(checker, "before");
    log()
        .with(opened)
        .told(5, 60, with(A3, new KeyValue("a", "9", 2, 2, 1, 0)))
        .isRefused(checker, "before");
    log().with(watch(3)).told(5, 60, with(A3, before)).isRefused(checker, "before");
    // What was compacted cannot be shown any more.
    log()
        .ok(new Request.Compact(3), new Answer.Compacted(), 4, 55, 56)
        .with(opened)
        .told(5, 60, A3)
        .isFine(checker);
  }

  @Test
  void progressSaysThatAllWasTold() {
    log()
        .with(watch(2))
        .told(5, 60, A2, B2)
        .with(new WatchAnswer(5, 2, List.of(), 61))
        .told(5, 62, A3)
        .isFine(checker);
    log()
        .with(watch(2))
        .told(5, 60, A2, B2)
        .with(new WatchAnswer(5, 3, List.of(), 61))
        .isRefused(checker, "says that all was told up to 3, without 3");
  }

  @Test
  void headersDoNotGoBack() {
    log()
        .with(watch(2))
        .with(new WatchAnswer(5, 4, List.of(A2, B2), 60))
        .with(new WatchAnswer(5, 3, List.of(A3), 61))
        .isRefused(checker, "goes back from header revision 4");
    log()
        .with(watch(2))
        .with(new WatchAnswer(5, 1, List.of(A2, B2), 60))
        .isRefused(checker, "its header has not reached");
  }

  @Test
  void aHealthyWatchTellsInTime() {
    Tale tale = log().with(watch(2)).told(5, 60, A2, B2);
    tale.isFine(checker);
    log()
        .with(watch(2))
        .told(5, 60, A2, B2)
        .with(new Phase(Phase.FINAL, Tale.nanos(20_000)))
        .isRefused(checker, "watch 5 on n2 never told of revision 3");
  }

  @Test
  void aWatchThatJustBeganNeedNotHaveToldYet() {
    assertThat(lastingUntil(2000, 6999).judgedBy(checker).ruling()).isEqualTo(Ruling.OK);
    lastingUntil(2000, 7000).isRefused(checker, "never told of revision 2");
  }

  @Test
  void afterAFaultMembersMayFirstFindOutWhatHappened() {
    FaultWindow fault = new FaultWindow("kill all", "n2", Tale.nanos(1000), Tale.nanos(2000));

    assertThat(lastingUntil(3000, 11_999).with(fault).judgedBy(checker).ruling())
        .isEqualTo(Ruling.OK);
    lastingUntil(3000, 12_000).with(fault).isRefused(checker, "never told of revision 2");
  }

  /** A watch from the first revision on that is told nothing. */
  private static Tale lastingUntil(long openedMillis, long closedMillis) {
    return log()
        .with(
            new WatchOpened(
                5,
                "n2",
                KeyRange.all(),
                2,
                1,
                false,
                false,
                false,
                false,
                Tale.nanos(openedMillis)))
        .with(new WatchClosed(5, 0, "", Tale.nanos(closedMillis)));
  }

  @Test
  void aWatchOnABrokenClusterMayBeLate() {
    log()
        .with(watch(2))
        .with(new FaultWindow("partition", "n2", Tale.nanos(40), Tale.nanos(19_000)))
        .with(new Phase(Phase.FINAL, Tale.nanos(20_000)))
        .isFine(checker);
    log()
        .with(watch(2))
        .with(new WatchClosed(5, 0, "UNAVAILABLE", Tale.nanos(70)))
        .with(new Phase(Phase.FINAL, Tale.nanos(20_000)))
        .isFine(checker);
  }

  @Test
  void aWatchIsCancelledForACompactionOfItsStart() {
    Tale compacted =
        log()
            .ok(new Request.Compact(4), new Answer.Compacted(), 4, 55, 56)
            .with(watch(2))
            .with(new WatchClosed(5, 4, "compacted", Tale.nanos(70)));
    compacted.isFine(checker);
    log()
        .ok(new Request.Compact(4), new Answer.Compacted(), 4, 55, 56)
        .with(watch(4))
        .with(new WatchClosed(5, 4, "compacted", Tale.nanos(70)))
        .isRefused(checker, "though it needed nothing before 4");
    log()
        .with(watch(2))
        .with(new WatchClosed(5, 4, "compacted", Tale.nanos(70)))
        .isRefused(checker, "which nobody asked for");
  }

  @Test
  void anIncompleteLogTellsNothing() {
    new Tale().with(watch(2)).told(5, 60, A2, B2).cannotBeTold(checker, "no canonical watch");
  }

  @Test
  void withoutWatchesThereIsNothingToJudge() {
    new Tale().doesNotApply(checker);
  }

  @Test
  void whatACorrectClusterTellsIsFine() {
    for (int seed = 0; seed < 100; seed++) {
      History history = new History(LegalRun.of(seed, 100));
      Verdict verdict = checker.check(new Evidence(history), RunParameters.defaults());
      assertThat(verdict.ruling()).as("seed %s: %s", seed, verdict).isEqualTo(Ruling.OK);
    }
  }

  private static Event with(Event event, KeyValue before) {
    return new Event(event.type(), event.now(), before);
  }

  private static WatchOpened watch(long start) {
    return new WatchOpened(
        5, "n2", KeyRange.all(), start, 1, false, false, false, false, Tale.nanos(50));
  }

  private static Tale log() {
    return new Tale()
        .on("n1")
        .canonical(1)
        .told(1, 51, A2, B2)
        .told(1, 52, A3)
        .told(1, 53, A4)
        .on("n2");
  }
}
