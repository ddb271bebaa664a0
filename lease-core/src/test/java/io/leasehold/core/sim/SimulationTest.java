package io.leasehold.core.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulationTest {
  private static final long SEEDS = Long.getLong("sim.seeds", 2000);
  private static final long FIRST_SEED = Long.getLong("sim.first", 1);

  /** A broken variant that survives so many seeds counts as not caught. */
  private static final long SEEDS_TO_CATCH = 500;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void coreKeepsTheRulesUnderEverySeed() {
    SimulationRuns.Series series = SimulationRuns.run(Variant.CORRECT, FIRST_SEED, SEEDS);
    assertThat(series.broke()).as("%s%nreplay: %s", series.failure(), series.replay()).isFalse();
    assertThat(series.seeds()).isEqualTo(SEEDS);
    System.out.printf(
        "CORRECT kept the rules: %d seeds, %,d events%n", series.seeds(), series.events());
    // A simulation in which nothing happens proves nothing.
    assertThat(series.coverage().counts.keySet())
        .contains(
            "expired leases",
            "revoked leases",
            "revokes acknowledged",
            "answers from a follower",
            "renewals through the log",
            "clearings acknowledged",
            "clearings failed",
            "checkpoints taken",
            "checkpointed leases at promotion",
            "lease time by itself",
            "lease time with others",
            "promotions",
            "leader changes",
            "leader pauses",
            "stalls noticed",
            "fenced entries",
            "renewals that waited for a paused member",
            "requests lost",
            "restarts",
            "log stands still",
            "lists",
            "snapshots installed",
            "wall clock jumps",
            "proposals in doubt that were committed");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CORRECT")
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void brokenVariantIsCaught(Variant variant) {
    SimulationRuns.Series series = SimulationRuns.run(variant, FIRST_SEED, SEEDS_TO_CATCH);
    assertThat(series.broke()).as("%s survived %d seeds", variant, series.seeds()).isTrue();
    System.out.printf(
        "%-32s caught after %4d seeds, by seed %d: %s%n",
        variant, series.seeds(), series.seed(), series.failure());
  }

  @Test
  void sameSeedIsTheSameRun() {
    long first = new Simulation(42, Variant.CORRECT, new Ledger.Coverage(), false).run();
    long second = new Simulation(42, Variant.CORRECT, new Ledger.Coverage(), false).run();
    assertThat(second).isEqualTo(first);
  }
}
