package io.leasehold.jepsen.run;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is kept of a run when its history is deleted.
 *
 * @param verdict the ruling, or {@code unfinished}
 * @param violated properties, in the order in which they are judged
 * @param figures what happened and what was measured, by the names below; what is not there is 0
 */
record RunSummary(
    RunOrder order, String verdict, List<String> violated, Map<String, Double> figures) {
  static final String UNFINISHED = "unfinished";
  static final String OPS = "ops";
  static final String LEASES = "leases";
  static final String RENEWALS = "renewals acknowledged";
  static final String LOCKS = "locks taken";
  static final String WATCH_EVENTS = "watch events";
  static final String LEADER_CHANGES = "leader changes";
  static final String FAULTS = "faults";
  static final String GRANTS_AT_STAKE = "grants at stake";
  static final String PUTS_AT_STAKE = "puts at stake";
  static final String TRANSACTIONS_AT_STAKE = "transactions at stake";

  /** Members that had to be brought up to date by a snapshot, and have not been started since. */
  static final String SNAPSHOTS_LOADED = "counter leasehold_engine_snapshots_loaded";

  static final String VIOLATIONS = "violations";

  /** Leases that ended although they had been promised for longer. */
  static final String EARLY = "early ends";

  /** Leases that ended by themselves, so that it is known when. */
  static final String EXPIRED = "ended by expiry";

  /** What was acknowledged and is not there, or not as it was, by P5 and P9. */
  static final String MISSING = "acknowledged and missing";

  static final String RENEWED_IN_TIME = "leases renewed in time";
  static final String LOST = "leases lost";
  static final String ENDS_OBSERVED = "ends observed";
  static final String LATE = "late ends";
  static final String LATENESS_P99 = "lateness p99, ms";
  static final String LATENESS_MAX = "lateness max, ms";
  static final String ADDED_BY_CHANGE = "most added by a leader change, ms";
  static final String OUTLIVED = "leases that outlived leader changes too long";
  static final String RECOVERY = "slowest member, ms";

  private static final List<String> COUNTERS =
      List.of(
          OPS,
          LEASES,
          RENEWALS,
          LOCKS,
          WATCH_EVENTS,
          LEADER_CHANGES,
          FAULTS,
          GRANTS_AT_STAKE,
          PUTS_AT_STAKE,
          TRANSACTIONS_AT_STAKE,
          SNAPSHOTS_LOADED);

  RunSummary {
    violated = List.copyOf(violated);
    figures = Collections.unmodifiableMap(new TreeMap<>(figures));
  }

  static RunSummary of(RunResult result) {
    Map<String, Double> figures = new TreeMap<>();
    for (String counter : COUNTERS) {
      figures.put(counter, result.counter(counter));
    }
    figures.put(VIOLATIONS, (double) result.violations());
    for (Verdict verdict : result.verdicts().each()) {
      double violations = verdict.figure("violations");
      switch (verdict.property()) {
        case "P1" -> {
          figures.put(EARLY, violations);
          copy(verdict, EXPIRED, figures);
        }
        case "L1" -> {
          figures.put(LATE, violations);
          copy(verdict, ENDS_OBSERVED, figures);
          copy(verdict, LATENESS_P99, figures);
          copy(verdict, LATENESS_MAX, figures);
        }
        case "L2" -> {
          figures.put(OUTLIVED, violations);
          copy(verdict, ADDED_BY_CHANGE, figures);
        }
        case "L3" -> {
          copy(verdict, RENEWED_IN_TIME, figures);
          copy(verdict, LOST, figures);
        }
        case "P5", "P9" -> figures.merge(MISSING, violations, Double::sum);
        case "L4" -> copy(verdict, RECOVERY, figures);
        default -> {
          // Says nothing that a table shows.
        }
      }
    }
    return new RunSummary(
        result.plan().order(),
        result.ruling().name(),
        result.verdicts().each().stream()
            .filter(verdict -> verdict.ruling() == Ruling.VIOLATED)
            .map(Verdict::property)
            .toList(),
        figures);
  }

  /** A run that did not come to a verdict. */
  static RunSummary unfinished(RunOrder order) {
    return new RunSummary(order, UNFINISHED, List.of(), Map.of());
  }

  private static void copy(Verdict verdict, String name, Map<String, Double> figures) {
    figures.put(name, verdict.figure(name));
  }

  double figure(String name) {
    return figures.getOrDefault(name, 0.0);
  }

  boolean isOk() {
    return verdict.equals(Ruling.OK.name());
  }
}
