package io.leasehold.bench.run;

import io.leasehold.bench.cluster.BenchCluster;
import io.leasehold.bench.cluster.Target;
import io.leasehold.bench.report.Comparison;
import io.leasehold.bench.report.Measurement;
import io.leasehold.bench.report.ResultTable;
import io.leasehold.bench.report.Table;
import io.leasehold.bench.scenario.Progress;
import io.leasehold.bench.scenario.Scenario;
import io.leasehold.bench.scenario.Scenarios;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The commands, each of which returns the program's exit code. Main thread only. */
public final class Commands {
  private static final int MISUSE = 2;
  private static final int COMPARE_ROUNDS = 2;

  /** What the generator is for, at its fastest. */
  private static final List<String> CEILING =
      List.of("renew-leader", "renew-leader-streams", "renew-batch-leader", "grant-256");

  private final PrintStream out;
  private final Progress progress;

  public Commands(PrintStream out, boolean isTerminal) {
    this.out = out;
    this.progress = new Progress(out, isTerminal);
  }

  /** Does what the words say. */
  public int run(List<String> words) throws InterruptedException {
    String command = words.isEmpty() ? "help" : words.get(0);
    List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
    return switch (command) {
      case "list" -> list();
      case "run" -> run(CommandLine.parse(rest, 1).or(Scenarios.simple()));
      case "compare" -> compare(CommandLine.parse(rest, COMPARE_ROUNDS).or(Scenarios.simple()));
      case "ceiling" ->
          ceiling(CommandLine.parse(rest, 1).or(CEILING.stream().map(Scenarios::named).toList()));
      case AnswererProcess.COMMAND -> AnswererProcess.answer(out);
      case "help", "--help", "-h" -> {
        out.print(CommandLine.USAGE);
        yield words.isEmpty() ? MISUSE : 0;
      }
      default -> {
        out.println("bench: no command " + command + "; see bench help");
        yield MISUSE;
      }
    };
  }

  private int list() {
    Table table = new Table().ofWords();
    for (Scenario scenario : Scenarios.all()) {
      table.row(
          scenario.name(),
          scenario.what(),
          switch (scenario.needs()) {
            case ANY -> "";
            case FRESH -> "a fresh cluster";
          });
    }
    out.print(table);
    return 0;
  }

  private int run(CommandLine commandLine) throws InterruptedException {
    boolean areOurs = commandLine.endpoints().isEmpty();
    return run(
        commandLine,
        flags ->
            areOurs
                ? start(commandLine, commandLine.target(), flags)
                : BenchCluster.at(commandLine.endpoints()),
        areOurs);
  }

  private int run(
      CommandLine commandLine, Function<List<String>, BenchCluster> clusters, boolean areOurs)
      throws InterruptedException {
    List<Measurement> results = new ArrayList<>();
    ResultLines lines = new ResultLines(out, commandLine.json());
    try (Runner runner =
        new Runner(commandLine, commandLine.target(), clusters, areOurs, progress, out, lines)) {
      for (int round = 1; round <= commandLine.rounds(); round++) {
        runner.round(round, results::add);
      }
      out.println();
      out.print(ResultTable.of(results));
      return runner.failures() == 0 ? 0 : 1;
    }
  }

  private static BenchCluster start(CommandLine commandLine, Target target, List<String> flags) {
    return BenchCluster.start(target, commandLine.members(), commandLine.heap(), flags);
  }

  private int compare(CommandLine commandLine) throws InterruptedException {
    Target first = Target.LEASEHOLD;
    Target second = Target.ETCD;
    Comparison comparison = new Comparison(first.label(), second.label());
    ResultLines lines = new ResultLines(out, commandLine.json());
    int failures = 0;
    for (int round = 1; round <= commandLine.rounds(); round++) {
      for (Target target : List.of(first, second)) {
        out.printf("round %d of %d: %s%n", round, commandLine.rounds(), target.label());
        Progress here =
            progress.of(
                String.format(
                    Locale.ROOT, "%d/%d %s", round, commandLine.rounds(), target.label()));
        try (Runner runner =
            new Runner(
                commandLine,
                target,
                flags -> start(commandLine, target, flags),
                true,
                here,
                out,
                lines)) {
          runner.round(round, target == first ? comparison::addFirst : comparison::addSecond);
          failures += runner.failures();
        }
      }
    }
    out.println();
    out.print(comparison);
    return failures == 0 ? 0 : 1;
  }

  private int ceiling(CommandLine commandLine) throws InterruptedException {
    try (AnswererProcess answerer = AnswererProcess.start()) {
      return run(commandLine, flags -> answerer.cluster(), false);
    }
  }
}
