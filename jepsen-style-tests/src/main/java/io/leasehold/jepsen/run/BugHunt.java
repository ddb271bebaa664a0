package io.leasehold.jepsen.run;

import io.leasehold.jepsen.bugs.Bug;
import io.leasehold.jepsen.bugs.BuggyClasses;
import io.leasehold.jepsen.bugs.StaleBugException;
import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.cluster.ClusterException;
import io.leasehold.jepsen.cluster.Target;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Runs bugs of the bank, each in its scenario, and tells which were caught, by what and how soon.
 * One thread.
 */
final class BugHunt {
  private final PrintStream out;
  private final Run.RunReport report;
  private final List<String> rows = new ArrayList<>();
  private int caught;
  private int skipped;

  BugHunt(PrintStream out, Run.RunReport report) {
    this.out = out;
    this.report = report;
  }

  /** The scenario in which a bug must be caught. */
  static RunOrder order(Bug bug) {
    return new RunOrder(
        bug.workload(),
        bug.faults(),
        bug.seconds(),
        bug.seed(),
        bug.members(),
        RunOrder.backendFor(bug.faults()),
        Target.LEASEHOLD,
        bug.checkpointSeconds(),
        bug.snapshotEntries());
  }

  /** Runs members with the bug. What was caught leaves nothing behind, the rest is kept. */
  void hunt(Bug bug, RunOrder order, Path directory) throws IOException {
    RunPlan plan = RunPlan.of(order);
    String reason = order.backend().reasonMissing(plan.cluster(directory));
    if (reason != null) {
      skipped++;
      note(bug, order, "skipped: " + reason, "");
      return;
    }
    out.println(bug.name() + ": " + bug.what());
    try {
      Path classes = BuggyClasses.compile(bug, directory.resolve("bug"));
      RunResult result =
          new Run(plan, directory, out, report, List.of(classes), command(bug, order)).carryOut();
      judge(bug, order, result);
    } catch (ClusterException | StaleBugException e) {
      out.println(e.getMessage());
      note(bug, order, "not caught: no verdict", "");
    }
  }

  void judge(Bug bug, RunOrder order, RunResult result) throws IOException {
    List<Verdict> violated =
        result.verdicts().each().stream()
            .filter(verdict -> verdict.ruling() == Ruling.VIOLATED)
            .sorted(Comparator.comparingDouble(BugHunt::provenSeconds))
            .toList();
    Optional<Verdict> first =
        violated.stream()
            .filter(verdict -> bug.caughtBy().contains(verdict.property()))
            .findFirst();
    if (first.isEmpty()) {
      result.print(out);
      note(bug, order, "not caught", "");
      return;
    }
    caught++;
    StringBuilder by = new StringBuilder("**" + first.get().property() + "**");
    violated.stream()
        .filter(verdict -> !verdict.equals(first.get()))
        .forEach(verdict -> by.append(", ").append(verdict.property()));
    out.println("  " + first.get().reason());
    note(bug, order, by.toString(), String.format(Locale.ROOT, "%.1f", provenSeconds(first.get())));
    Run.delete(result.directory());
  }

  private static double provenSeconds(Verdict verdict) {
    return verdict.figure(Verdict.FIRST_VIOLATION);
  }

  private void note(Bug bug, RunOrder order, String by, String seconds) {
    rows.add(
        String.format(
            Locale.ROOT,
            "| `%s` | %s | %s, %s, %d s | %d | %s | %s |",
            bug.name(),
            bug.breaks(),
            order.workload(),
            order.faults(),
            order.seconds(),
            order.seed(),
            by,
            seconds));
    out.println(
        "  %s: %s%s"
            .formatted(bug.name(), by, seconds.isEmpty() ? "" : " after " + seconds + " s"));
  }

  private static String command(Bug bug, RunOrder order) {
    return "./jepsen-style-tests/jepsen bugs --bug %s --seconds %d --seed %d"
        .formatted(bug.name(), order.seconds(), order.seed());
  }

  /** Whether every bug was caught that could be hunted on this machine, and there was one. */
  boolean isOk() {
    return caught > 0 && caught + skipped == rows.size();
  }

  /** Returns a Markdown table of all bugs. */
  String table() {
    return """
        | bug | breaks | scenario | seed | violated, first what must be | seconds |
        |---|---|---|---:|---|---:|
        """
        + String.join("\n", rows)
        + "\n";
  }

  String total() {
    return "%d of %d bugs caught, %d skipped".formatted(caught, rows.size(), skipped);
  }
}
