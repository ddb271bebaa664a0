package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Judges a history by all properties. */
public final class Judge {
  private static final List<Checker> CHECKERS =
      List.of(
          new NeverEarly(),
          new OneLife(),
          new Fencing(),
          new LockBelief(),
          new AtomicEnds(),
          new Durability(),
          new TtlReports(),
          new Watches(),
          new StrictSerializability(),
          new Membership(),
          new Lateness(),
          new LeaderChangeLateness(),
          new RenewalAvailability(),
          new Recovery(),
          new Registers());

  private Judge() {}

  public static Verdicts judge(History history, RunParameters parameters) {
    Evidence evidence = new Evidence(history);
    List<Verdict> verdicts = new ArrayList<>();
    for (Checker checker : CHECKERS) {
      verdicts.add(checker.check(evidence, parameters));
    }
    Map<String, Double> counters = Counters.of(evidence);
    return new Verdicts(verdicts, counters, missing(counters, parameters));
  }

  private static List<String> missing(Map<String, Double> counters, RunParameters parameters) {
    List<String> missing = new ArrayList<>();
    new TreeMap<>(parameters.minimums())
        .forEach(
            (name, least) -> {
              double count = counters.getOrDefault(name, 0.0);
              if (count < least) {
                missing.add("%s: %.6g, and %.6g are needed".formatted(name, count, least));
              }
            });
    double stalled = counters.getOrDefault("stalled share", 0.0);
    if (stalled > parameters.stalledShareMax()) {
      missing.add("the harness was stalled for %.0f %% of the run".formatted(stalled * 100));
    }
    return missing;
  }
}
