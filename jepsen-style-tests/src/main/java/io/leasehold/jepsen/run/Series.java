package io.leasehold.jepsen.run;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs one after the other, and what they come to together. One thread. */
final class Series {
  private final List<String> rows = new ArrayList<>();
  private final Map<Ruling, Integer> rulings = new EnumMap<>(Ruling.class);
  private int runs;
  private int unfinished;
  private double ops;
  private double leases;
  private double leaderChanges;
  private double faults;
  private long violations;
  private double renewedInTime;
  private double lost;

  void add(RunResult result) {
    runs++;
    rulings.merge(result.ruling(), 1, Integer::sum);
    ops += result.counter("ops");
    leases += result.counter("leases");
    leaderChanges += result.counter("leader changes");
    faults += result.counter("faults");
    violations += result.violations();
    for (Verdict verdict : result.verdicts().each()) {
      renewedInTime += verdict.figure("leases renewed in time");
      lost += verdict.figure("leases lost");
    }
    rows.add(
        row(
            result.plan().order(),
            result.ruling().name(),
            result.counter("ops"),
            result.counter("leases"),
            result.counter("leader changes"),
            result.counter("faults"),
            result.violations()));
  }

  /** A run that did not come to a verdict. */
  void addUnfinished(RunOrder order, String why) {
    runs++;
    unfinished++;
    rows.add(row(order, why, 0, 0, 0, 0, 0));
  }

  private static String row(
      RunOrder order,
      String verdict,
      double ops,
      double leases,
      double leaderChanges,
      double faults,
      long violations) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %s | %,.0f | %,.0f | %.0f | %.0f | %d |",
        order.workload(),
        order.faults(),
        order.seed(),
        verdict,
        ops,
        leases,
        leaderChanges,
        faults,
        violations);
  }

  boolean isEmpty() {
    return runs == 0;
  }

  boolean isOk() {
    return unfinished == 0 && rulings.getOrDefault(Ruling.OK, 0) == runs && runs > 0;
  }

  /** Returns a Markdown table of all runs, the last row for all of them together. */
  String table() {
    return """
        | workload | faults | seed | verdict | operations | leases | leader changes | faults | violations |
        |---|---|---:|---|---:|---:|---:|---:|---:|
        """
        + String.join("\n", rows)
        + String.format(
            Locale.ROOT,
            "%n| **all %d runs** | | | %s | %,.0f | %,.0f | %.0f | %.0f | %d |%n",
            runs,
            summary(),
            ops,
            leases,
            leaderChanges,
            faults,
            violations);
  }

  private String summary() {
    List<String> parts = new ArrayList<>();
    rulings.forEach((ruling, count) -> parts.add(count + " " + ruling));
    if (unfinished > 0) {
      parts.add(unfinished + " unfinished");
    }
    return String.join(", ", parts);
  }

  /** Returns one line of what all came to so far. */
  String total() {
    return String.format(
        Locale.ROOT,
        "%d runs (%s), %,.0f operations, %,.0f leases (%,.0f renewed in time, %.0f lost), %.0f leader"
            + " changes, %.0f faults, %d violations",
        runs,
        summary(),
        ops,
        leases,
        renewedInTime,
        lost,
        leaderChanges,
        faults,
        violations);
  }
}
