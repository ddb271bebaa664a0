package io.leasehold.jepsen.run;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.check.Violation;
import io.leasehold.jepsen.cluster.Target;
import io.leasehold.jepsen.report.Report;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What came of a run. */
record RunResult(RunPlan plan, Path directory, Verdicts verdicts) {
  private static final int VIOLATIONS_SHOWN = 3;

  /** Takes back what was found about members that are read at two moments. */
  static Verdicts asFarAsRead(Verdicts found, Target target) {
    if (target == Target.LEASEHOLD) {
      return found;
    }
    return new Verdicts(
        found.each().stream()
            .map(
                verdict ->
                    verdict.property().equals("P10")
                        ? new Verdict(
                            verdict.property(),
                            Ruling.NOT_APPLICABLE,
                            target + " says who leads and in which term at two moments",
                            List.of(),
                            Map.of())
                        : verdict)
            .toList(),
        found.counters(),
        found.missing());
  }

  /**
   * Takes back what was found about how soon things happen, if the harness itself stood still for
   * too long to tell. What must never happen is not excused by that.
   */
  static Verdicts asFarAsTold(Verdicts found, double stalledShareMax) {
    if (found.counters().getOrDefault("stalled share", 0.0) <= stalledShareMax) {
      return found;
    }
    return new Verdicts(
        found.each().stream()
            .map(
                verdict ->
                    verdict.ruling() == Ruling.VIOLATED
                            && verdict.property().startsWith("L")
                            && !verdict.property().equals("LOG")
                        ? new Verdict(
                            verdict.property(),
                            Ruling.UNKNOWN,
                            "the harness stood still for too long to tell: " + verdict.reason(),
                            verdict.violations(),
                            verdict.figures())
                        : verdict)
            .toList(),
        found.counters(),
        found.missing());
  }

  /**
   * Takes what had to be found violated for right, and everything that went wrong with the run
   * itself for a reason not to trust it.
   */
  static Verdicts expecting(Verdicts found, Set<String> mustBeViolated, List<String> complaints) {
    List<Verdict> each = new ArrayList<>();
    List<String> missing = new ArrayList<>(found.missing());
    missing.addAll(complaints);
    for (Verdict verdict : found.each()) {
      if (!mustBeViolated.contains(verdict.property())) {
        each.add(verdict);
      } else if (verdict.ruling() == Ruling.VIOLATED) {
        each.add(
            new Verdict(
                verdict.property(),
                Ruling.OK,
                "violated, as it must be with these clients: " + verdict.reason(),
                verdict.violations(),
                verdict.figures()));
      } else {
        each.add(verdict);
        missing.add(verdict.property() + " had to be violated by these clients, and was not");
      }
    }
    return new Verdicts(each, found.counters(), missing);
  }

  Ruling ruling() {
    return verdicts.ruling();
  }

  boolean isOk() {
    return ruling() == Ruling.OK;
  }

  double counter(String name) {
    return verdicts.counters().getOrDefault(name, 0.0);
  }

  long violations() {
    return verdicts.each().stream()
        .filter(verdict -> verdict.ruling() == Ruling.VIOLATED)
        .mapToLong(verdict -> (long) verdict.figure("violations"))
        .sum();
  }

  void print(PrintStream out) {
    for (Verdict verdict : verdicts.each()) {
      out.printf(
          Locale.ROOT,
          "  %-4s %-14s %s%n",
          verdict.property(),
          verdict.ruling().name().replace('_', ' '),
          verdict.reason().isEmpty() ? figures(verdict.figures()) : verdict.reason());
      if (verdict.ruling() == Ruling.VIOLATED) {
        verdict.violations().stream()
            .limit(VIOLATIONS_SHOWN)
            .forEach(violation -> print(violation, out));
      }
    }
    verdicts.missing().forEach(each -> out.println("  not valid: " + each));
    out.printf(
        Locale.ROOT,
        "%s: %.0f operations, %.0f leases, %.0f leader changes, %.0f faults, %.1f %% stalled%n",
        ruling(),
        counter("ops"),
        counter("leases"),
        counter("leader changes"),
        counter("faults"),
        100 * counter("stalled share"));
    out.println("  stored in " + directory);
    out.println("  report:   " + directory.resolve(Report.REPORT));
    out.println("  again:    " + plan.order().command());
  }

  private static void print(Violation violation, PrintStream out) {
    out.println("       " + violation.message());
    violation.proof().forEach(entry -> out.println("         " + cut(entry.toString())));
  }

  private static String cut(String text) {
    return text.length() > 400 ? text.substring(0, 400) + "..." : text;
  }

  private static String figures(Map<String, Double> figures) {
    List<String> shown = new ArrayList<>();
    figures.forEach(
        (name, value) ->
            shown.add(
                name
                    + " "
                    + (value == Math.rint(value)
                        ? Long.toString((long) (double) value)
                        : "%.1f".formatted(value))));
    return String.join(", ", shown);
  }
}
