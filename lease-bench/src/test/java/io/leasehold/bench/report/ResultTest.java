package io.leasehold.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.bench.measure.CpuUse;
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
}
