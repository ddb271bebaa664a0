package io.leasehold.jepsen.run;

import io.leasehold.jepsen.history.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs one after the other, and what they come to together. Each is written down as soon as it is
 * over, so that a series that is broken off is not lost. One thread.
 */
final class Series {
  private final List<RunSummary> runs = new ArrayList<>();
  private final @Nullable Path log;

  Series() {
    this(null);
  }

  /**
   * Begins a series.
   *
   * @param log to which each run is appended as a line
   */
  Series(@Nullable Path log) {
    this.log = log;
  }

  /**
   * Goes on with a series that was broken off.
   *
   * @throws IOException if its file cannot be read
   */
  static Series goingOn(Path log) throws IOException {
    Series series = new Series(log);
    series.runs.addAll(read(List.of(log)).runs);
    return series;
  }

  /**
   * Reads what series have written down.
   *
   * @throws IOException if a file cannot be read
   */
  static Series read(List<Path> logs) throws IOException {
    Series series = new Series();
    for (Path log : logs) {
      for (String line : Files.readAllLines(log)) {
        series.runs.add(Json.read(line, RunSummary.class));
      }
    }
    return series;
  }

  void add(RunResult result) throws IOException {
    add(RunSummary.of(result));
  }

  /** A run that did not come to a verdict. */
  void addUnfinished(RunOrder order) throws IOException {
    add(RunSummary.unfinished(order));
  }

  void add(RunSummary run) throws IOException {
    runs.add(run);
    if (log != null) {
      Files.createDirectories(log.toAbsolutePath().getParent());
      Files.write(
          log,
          (Json.write(run) + "\n").getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  List<RunSummary> runs() {
    return List.copyOf(runs);
  }

  /** Tells whether a run of this kind was OK, whatever its seed. */
  boolean hasOk(RunOrder order) {
    return runs.stream()
        .anyMatch(run -> run.isOk() && run.order().withSeed(order.seed()).equals(order));
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  boolean isOk() {
    return !runs.isEmpty() && runs.stream().allMatch(RunSummary::isOk);
  }

  /** Returns a Markdown table of all runs, the last row for all of them together. */
  String table() {
    StringBuilder table =
        new StringBuilder(
            """
            | workload | faults | seed | verdict | operations | leases | leader changes | faults | violations |
            |---|---|---:|---|---:|---:|---:|---:|---:|
            """);
    for (RunSummary run : runs) {
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d | %s | %,.0f | %,.0f | %.0f | %.0f | %.0f |%n",
              run.order().workload(),
              run.order().faults(),
              run.order().seed(),
              run.verdict(),
              run.figure(RunSummary.OPS),
              run.figure(RunSummary.LEASES),
              run.figure(RunSummary.LEADER_CHANGES),
              run.figure(RunSummary.FAULTS),
              run.figure(RunSummary.VIOLATIONS)));
    }
    return table
        .append(
            String.format(
                Locale.ROOT,
                "| **all %d runs** | | | %s | %,.0f | %,.0f | %.0f | %.0f | %.0f |%n",
                runs.size(),
                verdicts(runs),
                sum(runs, RunSummary.OPS),
                sum(runs, RunSummary.LEASES),
                sum(runs, RunSummary.LEADER_CHANGES),
                sum(runs, RunSummary.FAULTS),
                sum(runs, RunSummary.VIOLATIONS)))
        .toString();
  }

  /** Returns two Markdown tables: what the runs came to by workload, and by group of faults. */
  String summary() {
    return grouped("workload", run -> run.order().workload())
        + "\n"
        + grouped("faults", run -> run.order().faults());
  }

  private String grouped(String by, Function<RunSummary, String> group) {
    Map<String, List<RunSummary>> groups = new LinkedHashMap<>();
    for (RunSummary run : runs) {
      groups.computeIfAbsent(group.apply(run), name -> new ArrayList<>()).add(run);
    }
    StringBuilder table =
        new StringBuilder(
            "| "
                + by
                + " | runs | verdicts | operations | leases | renewals | locks | watch events"
                + " | leader changes | faults | violations |\n"
                + "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    groups.forEach((name, members) -> table.append(group("`" + name + "`", members)));
    return table.append(group("**all**", runs)).toString();
  }

  private static String group(String name, List<RunSummary> runs) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %s | %,.0f | %,.0f | %,.0f | %,.0f | %,.0f | %,.0f | %,.0f | %,.0f |%n",
        name,
        runs.size(),
        verdicts(runs),
        sum(runs, RunSummary.OPS),
        sum(runs, RunSummary.LEASES),
        sum(runs, RunSummary.RENEWALS),
        sum(runs, RunSummary.LOCKS),
        sum(runs, RunSummary.WATCH_EVENTS),
        sum(runs, RunSummary.LEADER_CHANGES),
        sum(runs, RunSummary.FAULTS),
        sum(runs, RunSummary.VIOLATIONS));
  }

  /** Returns a Markdown table of how leases fared that were renewed as they should be. */
  String renewalsTable() {
    StringBuilder table =
        new StringBuilder(
            """
            | what befalls a member | seed | times | leader changes | renewals | leases renewed in time | lost |
            |---|---:|---:|---:|---:|---:|---:|
            """);
    for (RunSummary run : runs) {
      table.append(renewals(run.order().faults(), Long.toString(run.order().seed()), List.of(run)));
    }
    return table.append(renewals("**all**", "", runs)).toString();
  }

  private static String renewals(String name, String seed, List<RunSummary> runs) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.0f | %.0f | %,.0f | %,.0f | %,.0f |%n",
        name,
        seed,
        sum(runs, RunSummary.FAULTS),
        sum(runs, RunSummary.LEADER_CHANGES),
        sum(runs, RunSummary.RENEWALS),
        sum(runs, RunSummary.RENEWED_IN_TIME),
        sum(runs, RunSummary.LOST));
  }

  /** Returns a Markdown table of what was acknowledged before faults, and is there after them. */
  String lossesTable() {
    StringBuilder table =
        new StringBuilder(
            """
            | faults | workload | seed | times | verdict | grants acknowledged before the last | puts | transactions | of all these lost | members back by snapshot |
            |---|---|---:|---:|---|---:|---:|---:|---:|---:|
            """);
    for (RunSummary run : runs) {
      table.append(
          losses(
              run.order().faults(),
              run.order().workload(),
              Long.toString(run.order().seed()),
              List.of(run)));
    }
    return table.append(losses("**all**", "", "", runs)).toString();
  }

  private static String losses(String faults, String workload, String seed, List<RunSummary> runs) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %.0f | %s | %,.0f | %,.0f | %,.0f | %,.0f | %,.0f |%n",
        faults,
        workload,
        seed,
        sum(runs, RunSummary.FAULTS),
        verdicts(runs),
        sum(runs, RunSummary.GRANTS_AT_STAKE),
        sum(runs, RunSummary.PUTS_AT_STAKE),
        sum(runs, RunSummary.TRANSACTIONS_AT_STAKE),
        sum(runs, RunSummary.MISSING),
        sum(runs, RunSummary.SNAPSHOTS_LOADED));
  }

  /** Returns a Markdown table of the same scenarios, one row for each target. */
  String comparison() {
    StringBuilder table =
        new StringBuilder(
            """
            | workload | faults | seed | target | leader changes | leases | ended too early | renewed in time | of them lost | most that a lease lived too long, s | most added by a leader change, s | violated |
            |---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---|
            """);
    List<RunSummary> sorted = new ArrayList<>(runs);
    sorted.sort(
        Comparator.comparing((RunSummary run) -> run.order().workload())
            .thenComparing(run -> run.order().faults())
            .thenComparingLong(run -> run.order().seed())
            .thenComparing(run -> run.order().target()));
    for (RunSummary run : sorted) {
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d | %s | %.0f | %,.0f | %,.0f | %,.0f | %,.0f | %.1f | %.1f | %s |%n",
              run.order().workload(),
              run.order().faults(),
              run.order().seed(),
              run.order().target().name().toLowerCase(Locale.ROOT),
              run.figure(RunSummary.LEADER_CHANGES),
              run.figure(RunSummary.LEASES),
              run.figure(RunSummary.EARLY),
              run.figure(RunSummary.RENEWED_IN_TIME),
              run.figure(RunSummary.LOST),
              run.figure(RunSummary.LATENESS_MAX) / 1e3,
              run.figure(RunSummary.ADDED_BY_CHANGE) / 1e3,
              violated(run)));
    }
    return table.toString();
  }

  private static String violated(RunSummary run) {
    return run.violated().isEmpty() ? run.verdict() : String.join(", ", run.violated());
  }

  /** Returns one line of what all came to so far. */
  String total() {
    return String.format(
        Locale.ROOT,
        "%d runs (%s), %,.0f operations, %,.0f leases (%,.0f renewed in time, %.0f lost), %.0f leader"
            + " changes, %.0f faults, %.0f violations",
        runs.size(),
        verdicts(runs),
        sum(runs, RunSummary.OPS),
        sum(runs, RunSummary.LEASES),
        sum(runs, RunSummary.RENEWED_IN_TIME),
        sum(runs, RunSummary.LOST),
        sum(runs, RunSummary.LEADER_CHANGES),
        sum(runs, RunSummary.FAULTS),
        sum(runs, RunSummary.VIOLATIONS));
  }

  private static String verdicts(List<RunSummary> runs) {
    Map<String, Integer> counts = new TreeMap<>();
    runs.forEach(run -> counts.merge(run.verdict(), 1, Integer::sum));
    List<String> parts = new ArrayList<>();
    counts.forEach((verdict, count) -> parts.add(count + " " + verdict));
    return String.join(", ", parts);
  }

  private static double sum(List<RunSummary> runs, String figure) {
    return runs.stream().mapToDouble(run -> run.figure(figure)).sum();
  }
}
