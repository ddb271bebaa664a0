package io.leasehold.core.sim;

import java.util.Locale;
import java.util.TreeMap;

/**
 * Runs seeds from the command line: {@code SEED RUNS VARIANT}. A single seed prints what happened,
 * event by event.
 */
public final class SimulationMain {
  private SimulationMain() {}

  /** Exits with 1 when a rule was broken. */
  public static void main(String[] args) {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 1;
    long runs = args.length > 1 ? Long.parseLong(args[1]) : 1000;
    Variant variant =
        args.length > 2 ? Variant.valueOf(args[2].toUpperCase(Locale.ROOT)) : Variant.CORRECT;
    if (runs == 1) {
      trace(seed, variant);
      return;
    }
    long begun = System.nanoTime();
    SimulationRuns.Series series = SimulationRuns.run(variant, seed, runs);
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        "%s: %d seeds, %d events in %.1f s%n", variant, series.seeds(), series.events(), seconds);
    new TreeMap<>(series.coverage().counts)
        .forEach((what, count) -> System.out.printf("  %-45s %,d%n", what, count));
    if (series.broke()) {
      System.out.println("seed " + series.seed() + " broke " + series.failure());
      System.out.println("replay: " + series.replay());
      System.exit(1);
    }
  }

  private static void trace(long seed, Variant variant) {
    try {
      new Simulation(seed, variant, new Ledger.Coverage(), true).run();
      System.out.println("no rule broken");
    } catch (SimulationFailure e) {
      System.out.println("seed " + seed + " broke " + e.getMessage());
      System.exit(1);
    }
  }
}
