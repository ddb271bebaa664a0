package io.leasehold.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.bench.measure.CpuUse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ResultTest {
  @Test
  void jsonIsOneLineWithTheRunInFront() {
    Result result =
        new Result(
            "renew-leader",
            5,
            10.0021,
            List.of(
                Figure.higher("perSecond", 123_456.789),
                Figure.fact("operations", 1_234_567),
                Figure.lower("p99Millis", Double.NaN)),
            Map.of("UNAVAILABLE", 3L),
            "UNAVAILABLE: disconnected",
            new CpuUse(1.5, Map.of("n1", 2.25), 0.125));
    assertThat(result.json(Map.of("target", "etcd")))
        .isEqualTo(
            "{\"target\":\"etcd\",\"scenario\":\"renew-leader\",\"warmUpSeconds\":5,"
                + "\"seconds\":10.002,\"figures\":{\"perSecond\":123460,\"operations\":1234567,"
                + "\"p99Millis\":null},\"errors\":{\"UNAVAILABLE\":3},"
                + "\"firstError\":\"UNAVAILABLE: disconnected\",\"generatorCpuSeconds\":1.5,"
                + "\"serverCpuSeconds\":{\"n1\":2.25},\"foreignCpuShare\":0.125}");
  }

  @Test
  void everyLineSaysWhatItWasMeasuredOn() {
    Measurement measured =
        new Measurement(
            new Conditions(
                Instant.parse("2026-11-22T11:00:00.5Z"),
                "leasehold",
                "3.5.0",
                3,
                "25.0.1",
                Conditions.Start.WARM,
                2),
            made(Figure.higher("perSecond", 10)));
    assertThat(measured.json())
        .startsWith(
            "{\"at\":\"2026-11-22T11:00:00Z\",\"target\":\"leasehold\",\"version\":\"3.5.0\","
                + "\"members\":3,\"jdk\":\"25.0.1\",\"start\":\"warm\",\"processors\":")
        .contains(",\"round\":2,\"scenario\":\"made-up\",");
    assertThat(ResultTable.of(List.of(measured)).toString())
        .startsWith("made-up  on                 3 members, JDK 25.0.1, warm\n");
  }

  @Test
  void whatNobodyKnowsIsNotSaid() {
    Measurement measured =
        new Measurement(
            new Conditions(
                Instant.EPOCH, "127.0.0.1:2379", "3.4.23", 1, "", Conditions.Start.UNKNOWN, 1),
            made());
    assertThat(measured.json()).doesNotContain("jdk").contains("\"start\":\"unknown\"");
    assertThat(ResultTable.of(List.of(measured)).toString()).contains("1 member\n");
  }

  @Test
  void furtherFiguresComeFirst() {
    Result more = made(Figure.fact("a", 1)).with(Figure.fact("b", 2), Figure.fact("c", 3));
    assertThat(more.figures()).extracting(Figure::name).containsExactly("b", "c", "a");
    assertThat(more.value("c")).isEqualTo(3);
    assertThat(more.value("d")).isNaN();
  }

  private static Result made(Figure... figures) {
    return new Result("made-up", 1, 2, List.of(figures), Map.of(), "", new CpuUse(0, Map.of(), 0));
  }
}
