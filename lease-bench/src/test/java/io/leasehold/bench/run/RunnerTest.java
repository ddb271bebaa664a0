package io.leasehold.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.bench.cluster.Target;
import io.leasehold.bench.report.Measurement;
import io.leasehold.bench.scenario.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunnerTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
  private final List<Measurement> measured = new ArrayList<>();

  @Test
  void etcdIsNotAskedForWhatItHasNot() throws Exception {
    try (Runner runner = runner("renew-batch-leader renew-batch-all", true)) {
      runner.round(1, measured::add);
      assertThat(runner.failures()).isZero();
    }
    assertThat(measured).isEmpty();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            renew-batch-leader: etcd has nothing like it; left out
            renew-batch-all: etcd has nothing like it; left out
            """);
  }

  @Test
  void othersMembersAreNotEnded() throws Exception {
    try (Runner runner = runner("failover-kill", false)) {
      runner.round(1, measured::add);
      assertThat(runner.failures()).isZero();
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .isEqualTo("failover-kill: needs members of our own; left out\n");
  }

  private Runner runner(String scenarios, boolean areOurs) {
    return new Runner(
        CommandLine.parse(List.of(scenarios.split(" ", -1)), 1),
        Target.ETCD,
        flags -> {
          throw new AssertionError("members are started for nothing");
        },
        areOurs,
        new Progress(out, false),
        out,
        new ResultLines(out, null));
  }
}
