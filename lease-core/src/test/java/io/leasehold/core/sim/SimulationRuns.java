package io.leasehold.core.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Runs many seeds of one variant on all cores; each seed has a thread to itself. */
final class SimulationRuns {
  /** How a series ended: how many seeds were run, and the one that broke a rule, if any did. */
  record Series(
      Variant variant,
      long seeds,
      long events,
      boolean broke,
      long seed,
      String failure,
      Ledger.Coverage coverage) {

    String replay() {
      return "make sim SEED=" + seed + " RUNS=1 VARIANT=" + variant;
    }
  }

  private SimulationRuns() {}

  static Series run(Variant variant, long firstSeed, long seeds) {
    int workers = Runtime.getRuntime().availableProcessors();
    AtomicLong next = new AtomicLong(firstSeed);
    AtomicBoolean broke = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    List<Future<Series>> parts = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      parts.add(pool.submit(() -> work(variant, next, firstSeed + seeds, broke)));
    }
    try {
      List<Series> done = new ArrayList<>();
      for (Future<Series> part : parts) {
        done.add(part.get());
      }
      return merge(variant, done);
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static Series work(Variant variant, AtomicLong next, long end, AtomicBoolean broke) {
    Ledger.Coverage coverage = new Ledger.Coverage();
    long seeds = 0;
    long events = 0;
    for (long seed = next.getAndIncrement();
        seed < end && !broke.get();
        seed = next.getAndIncrement()) {
      seeds++;
      try {
        events += new Simulation(seed, variant, coverage, false).run();
      } catch (SimulationFailure e) {
        broke.set(true);
        return new Series(variant, seeds, events, true, seed, e.getMessage(), coverage);
      }
    }
    return new Series(variant, seeds, events, false, 0, "", coverage);
  }

  private static Series merge(Variant variant, List<Series> parts) {
    Ledger.Coverage coverage = new Ledger.Coverage();
    long seeds = 0;
    long events = 0;
    Series broken = null;
    for (Series part : parts) {
      seeds += part.seeds();
      events += part.events();
      part.coverage()
          .counts
          .forEach((what, count) -> coverage.counts.merge(what, count, Long::sum));
      if (part.broke() && (broken == null || part.seed() < broken.seed())) {
        broken = part;
      }
    }
    return broken == null
        ? new Series(variant, seeds, events, false, 0, "", coverage)
        : new Series(variant, seeds, events, true, broken.seed(), broken.failure(), coverage);
  }
}
