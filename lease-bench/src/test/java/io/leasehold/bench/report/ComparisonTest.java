package io.leasehold.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.bench.measure.CpuUse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
  private final Comparison comparison = new Comparison("ours", "theirs");

  @Test
  void ratioSaysHowMuchBetterTheFirstIsWhicheverWayIsBetter() {
    comparison.addFirst(measured("", 400, 2));
    comparison.addSecond(measured("", 100, 6));
    assertThat(comparison.rows())
        .extracting(Comparison.Row::figure, Comparison.Row::medianRatio)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("perSecond", 4.0),
            org.assertj.core.groups.Tuple.tuple("p99Millis", 3.0));
  }

  @Test
  void pairsAreThoseOfTheSameRound() {
    comparison.addFirst(measured("", 100, 1));
    comparison.addSecond(measured("", 50, 1));
    comparison.addFirst(measured("", 10, 1));
    comparison.addSecond(measured("", 1, 1));
    Comparison.Row row = comparison.rows().get(0);
    assertThat(row.ratios()).containsExactly(2.0, 10.0);
    assertThat(row.medianRatio()).isEqualTo(6);
    assertThat(row.firstMedian()).isEqualTo(55);
  }

  @Test
  void whatHasNoPartnerIsLeftOut() {
    comparison.addFirst(measured("", 100, 1));
    assertThat(comparison.rows()).isEmpty();
    comparison.addSecond(measured("", 50, 1));
    comparison.addFirst(measured("", 1, 1));
    assertThat(comparison.rows().get(0).ratios()).hasSize(1);
  }

  @Test
  void medianIsTheMiddleOne() {
    assertThat(Comparison.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Comparison.median(List.of(4.0, 1.0, 2.0, Double.NaN, 9.0))).isEqualTo(3);
    assertThat(Comparison.median(List.of(Double.NaN))).isNaN();
  }

  @Test
  void isReadAsATable() {
    comparison.addFirst(measured("25", 400, 2));
    comparison.addSecond(measured("", 100, 6));
    assertThat(comparison.toString())
        .isEqualTo(
            """
            scenario     figure                     ours           theirs  better by  pairs
            made-up          on  3 members, JDK 25, cold  3 members, cold
                      perSecond                      400              100      4.00x  4.00x
                      p99Millis                      2.0              6.0      3.00x  3.00x
            """);
  }

  private static Measurement measured(String jdk, double perSecond, double p99Millis) {
    return new Measurement(
        new Conditions(Instant.EPOCH, "made-up", "1", 3, jdk, Conditions.Start.COLD, 1),
        new Result(
            "made-up",
            1,
            2,
            List.of(
                Figure.higher("perSecond", perSecond),
                Figure.lower("p99Millis", p99Millis),
                Figure.fact("operations", 7)),
            Map.of(),
            "",
            new CpuUse(0, Map.of(), 0)));
  }
}
