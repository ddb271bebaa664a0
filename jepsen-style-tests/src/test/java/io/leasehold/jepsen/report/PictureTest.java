package io.leasehold.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import io.leasehold.jepsen.nemesis.FaultKind;
import io.leasehold.jepsen.report.LeaderChart.Reign;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts that pictures are made of. */
class PictureTest {
  private static final long SECOND = 1_000_000_000;

  @ParameterizedTest
  @ValueSource(doubles = {0.003, 0.5, 1, 7, 10, 99, 100, 101, 12_345})
  void aLinearScaleEndsAtARoundValueThatIsNotLess(double most) {
    Scale scale = Scale.linear(most);
    assertThat(scale.most()).isBetween(most * (1 - 1e-9), most * 2.01);
    assertThat(scale.share(0)).isZero();
    assertThat(scale.share(scale.most())).isEqualTo(1);
    assertThat(scale.share(scale.most() / 2)).isCloseTo(0.5, within(1e-9));
    assertThat(scale.ticks()).hasSizeBetween(2, 7).isSorted().startsWith(0.0);
    assertThat(scale.ticks().get(scale.ticks().size() - 1)).isCloseTo(scale.most(), within(1e-9));
  }

  @Test
  void aLogarithmicScaleGivesEachPowerOfTenTheSameRoom() {
    Scale scale = Scale.logarithmic(0.1, 4_000);
    assertThat(scale.ticks()).hasSize(6);
    assertThat(scale.ticks().get(0)).isCloseTo(0.1, within(1e-12));
    assertThat(scale.ticks().get(5)).isCloseTo(10_000, within(1e-6));
    assertThat(scale.share(1)).isCloseTo(0.2, within(1e-9));
    assertThat(scale.share(10)).isCloseTo(0.4, within(1e-9));
    assertThat(scale.share(0)).isZero();
    assertThat(scale.share(1e9)).isEqualTo(1);
  }

  @Test
  void termsAreWholeNumbersOnTheirScale() {
    assertThat(Scale.whole(3, 3).ticks()).containsExactly(3.0);
    assertThat(Scale.whole(2, 5).ticks()).containsExactly(2.0, 3.0, 4.0, 5.0);
    assertThat(Scale.whole(1, 1000).ticks()).hasSizeLessThan(8).allMatch(t -> t == Math.rint(t));
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000_000, SECOND / 3, SECOND, 7 * SECOND, 120 * SECOND, 30_000 * SECOND})
  void anAxisOfTimeHasFewTicksWithNamesOfTheirOwn(long length) {
    TimeAxis axis = new TimeAxis(5 * SECOND + 1, 5 * SECOND + 1 + length, 10, 1010);
    List<String> labels = new ArrayList<>();
    for (long tick : axis.ticks()) {
      assertThat(tick).isBetween(axis.fromNanos(), axis.toNanos());
      assertThat(Double.parseDouble(axis.label(tick))).isCloseTo(tick / 1e9, within(1e-12));
      labels.add(axis.label(tick));
    }
    assertThat(labels).hasSizeBetween(2, 13).doesNotHaveDuplicates();
    assertThat(axis.x(axis.fromNanos())).isEqualTo(10);
    assertThat(axis.x(axis.toNanos())).isEqualTo(1010);
    assertThat(axis.x(axis.toNanos() + SECOND)).isEqualTo(1010);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, SECOND, 120 * SECOND, 36_000 * SECOND})
  void everyTimeOfARunIsInItsBucket(long endNanos) {
    Buckets buckets = Buckets.over(endNanos);
    assertThat(buckets.count()).isBetween(1, Buckets.COUNT_MAX + 1);
    Random random = new Random(endNanos);
    for (int i = 0; i < 100; i++) {
      long at = endNanos == 0 ? 0 : Math.floorMod(random.nextLong(), endNanos + 1);
      int bucket = buckets.of(at);
      assertThat(at)
          .isBetween(buckets.fromNanos(bucket), buckets.fromNanos(bucket) + buckets.widthNanos());
    }
  }

  @Test
  void theRateOfTheLastBucketIsOfTheTimeThatItHas() {
    Buckets buckets = new Buckets(SECOND, 3, 2 * SECOND + SECOND / 2);
    assertThat(buckets.seconds(0)).isEqualTo(1);
    assertThat(buckets.seconds(2)).isEqualTo(0.5);
    assertThat(buckets.isLongEnough(2)).isTrue();
    assertThat(new Buckets(SECOND, 3, 2 * SECOND + 1).isLongEnough(2)).isFalse();
  }

  @Test
  void quantilesAreValuesThatOccurred() {
    double[] sorted = {1, 2, 3, 4, 100};
    assertThat(LatencyChart.quantile(sorted, 0.5)).isEqualTo(3);
    assertThat(LatencyChart.quantile(sorted, 1)).isEqualTo(100);
    assertThat(LatencyChart.quantile(new double[0], 0.5)).isNaN();
  }

  @Test
  void latenessFallsIntoTheBarThatNamesIt() {
    assertThat(LatenessChart.bar(-5)).isZero();
    assertThat(LatenessChart.bar(0)).isZero();
    assertThat(LatenessChart.bar(0.1)).isEqualTo(1);
    assertThat(LatenessChart.bar(10)).isEqualTo(1);
    assertThat(LatenessChart.bar(10.1)).isEqualTo(2);
    assertThat(LatenessChart.bar(1e9)).isEqualTo(LatenessChart.bars() - 1);
  }

  @Test
  void aMemberThatSaidNothingForLongDidNotReign() {
    List<MemberState> states =
        List.of(
            state(0, 2, true),
            state(100, 2, true),
            state(200, 2, true),
            state(300, 2, false),
            state(400, 2, false),
            state(2000, 3, false),
            state(2100, 3, true));
    assertThat(LeaderChart.reigns(states))
        .containsExactly(
            new Reign(0, 300_000_000, 2, true),
            new Reign(300_000_000, 400_000_000, 2, false),
            new Reign(2_000_000_000, 2_100_000_000, 3, false),
            new Reign(2_100_000_000, 2_100_000_000, 3, true));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatOverlapsIsInDifferentRowsAndNothingIsLost(long seed) {
    List<Op> ops = MadeUpRun.of(seed, 12, 15_000).history().ops();
    Lanes lanes = Lanes.of(ops, Proofs.none(), ops.size());
    Set<Op> drawn = new HashSet<>();
    for (Lanes.Lane lane : lanes.each()) {
      for (List<Op> row : lane.rows()) {
        for (int i = 0; i < row.size(); i++) {
          assertThat(lane.processes()).contains(row.get(i).process());
          assertThat(drawn.add(row.get(i))).isTrue();
          if (i > 0) {
            assertThat(row.get(i).invokedNanos())
                .isGreaterThanOrEqualTo(row.get(i - 1).returnedNanos());
          }
        }
      }
    }
    assertThat(drawn.size() + lanes.left()).isEqualTo(ops.size());
    assertThat(lanes.left()).isZero();
  }

  @Test
  void whatProvesIsDrawnHoweverLittleRoomThereIs() {
    MadeUpRun run = MadeUpRun.of(5, 60, 20_000).withEarlyEnd(77, 6_000);
    Proofs proofs = Proofs.of(run.verdicts());
    Lanes lanes = Lanes.of(run.history().ops(), proofs, 1);
    List<Op> drawn =
        lanes.each().stream().flatMap(lane -> lane.rows().stream()).flatMap(List::stream).toList();
    assertThat(drawn).containsAll(proofs.lines().stream().map(Op.class::cast).toList());
    assertThat(drawn.size() + lanes.left()).isEqualTo(run.history().ops().size());
  }

  @Test
  void clientsThatCameOneAfterTheOtherShareALane() {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ops.add(
          Op.unanswered(
              i, "n1", new Request.Renew(1), Result.INFO, "", i * SECOND, i * SECOND + SECOND / 2));
    }
    Lanes lanes = Lanes.of(ops, Proofs.none(), 1000);
    assertThat(lanes.left()).isZero();
    assertThat(lanes.each()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theWindowsOfASmallRunCoverAllOfItWithoutOverlap(long seed) {
    MadeUpRun run = MadeUpRun.of(seed, 6, 10_000 * seed);
    Windows windows = Windows.of(run.history(), Proofs.none());
    long next = 0;
    for (TimeWindow window : windows.each()) {
      assertThat(window.fromNanos()).isEqualTo(next);
      next = window.toNanos();
    }
    assertThat(next).isGreaterThanOrEqualTo(run.history().endNanos());
  }

  @Test
  void theWindowsOfALargeRunHoldAllProofsAndDoNotOverlap() {
    MadeUpRun run = MadeUpRun.of(9, 100, 60_000).withEarlyEnd(7, 17_000).withTwoLeaders(51_000);
    Proofs proofs = Proofs.of(run.verdicts());
    Windows windows = Windows.of(run.history(), proofs);
    assertThat(windows.whole()).isFalse();
    assertThat(proofs.lines()).isNotEmpty();
    assertThat(proofs.lines()).allSatisfy(line -> assertThat(windows.showing(line)).isNotEmpty());
    for (int i = 1; i < windows.each().size(); i++) {
      assertThat(windows.each().get(i).fromNanos())
          .isGreaterThan(windows.each().get(i - 1).toNanos());
    }
  }

  @Test
  void whatNoDocumentMayHoldIsShownByAPicture() {
    assertThat(new Markup().text("<&>\"'\0\r\u007f\ud800x\udc00\ud83d\ude00\uffff").toString())
        .isEqualTo("&lt;&amp;&gt;&quot;&#39;␀␍␡\ufffdx\ufffd\ud83d\ude00\ufffd");
    assertThat(new Markup().empty("rect", "x", 1.04, "t", "\"<").toString())
        .isEqualTo("<rect x=\"1\" t=\"&quot;&lt;\"/>\n");
    assertThatThrownBy(() -> new Markup().open("rect", "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void numbersHaveTheUnitThatFits() {
    assertThat(Quantities.length(1_500_000_000)).isEqualTo("1.50 s");
    assertThat(Quantities.length(25_000_000)).isEqualTo("25 ms");
    assertThat(Quantities.length(2_500)).isEqualTo("2.50 µs");
    assertThat(Quantities.millis(0.1)).isEqualTo("100 µs");
    assertThat(Quantities.millis(0)).isEqualTo("0 ms");
    assertThat(Quantities.number(1_234_567)).isEqualTo("1,234,567");
    assertThat(Quantities.time(12_345_678_900L)).isEqualTo("12.346 s");
    assertThat(Quantities.bytes(3 << 20)).isEqualTo("3 MiB");
    assertThat(Quantities.count(1, "lease")).isEqualTo("1 lease");
  }

  @Test
  void everyFaultOfTheNemesisHasAColour() {
    Map<String, FaultFamily> expected =
        Map.of(
            "KILL_ALL", FaultFamily.GONE,
            "ROLLING_RESTART", FaultFamily.GONE,
            "PAUSE_ONE", FaultFamily.FROZEN,
            "PARTITION_RING", FaultFamily.CUT,
            "LEADER_TRANSFERS", FaultFamily.HANDED_OVER,
            "FLIP_LOG", FaultFamily.DAMAGED,
            "POWER_CUT_ALL", FaultFamily.DAMAGED,
            "CLOCK_JUMP_ALL", FaultFamily.WRONG_TIME,
            "SLOW_DISK_ONE", FaultFamily.DAMAGED,
            "LATE_LINKS_ALL", FaultFamily.HINDERED);
    expected.forEach((kind, family) -> assertThat(FaultFamily.of(kind)).isEqualTo(family));
    for (FaultKind kind : FaultKind.values()) {
      assertThat(FaultFamily.of(kind.name())).isNotEqualTo(FaultFamily.OTHER);
    }
  }

  @Test
  void requestAndAnswerAreSaidInWords() {
    assertThat(Phrases.of(new Request.Grant(0, 5))).isEqualTo("grant a lease for 5 s");
    assertThat(Phrases.of(new Request.Renew(7))).isEqualTo("renew lease 7");
    assertThat(Phrases.of(new Answer.Renewed(0))).isEqualTo("it is gone");
    assertThat(
            Phrases.of(
                new Request.Txn(
                    List.of(Request.Guard.created("k", Request.Relation.EQUAL, 3)),
                    List.of(new Request.Put("k", "v", 9, false)),
                    List.of())))
        .isEqualTo("transaction if create of k = 3 then put k = v, lease 9 else nothing");
    assertThat(Phrases.of(new Request.Put("k", "v".repeat(5000), 0, false)).length())
        .isLessThan(400);
  }

  private static MemberState state(long millis, long term, boolean leader) {
    return new MemberState("n1", millis * 1_000_000, term, leader, 1, 1, 1, "");
  }
}
