package io.leasehold.jepsen.run;

import io.leasehold.jepsen.bugs.Bug;
import io.leasehold.jepsen.bugs.BugBank;
import io.leasehold.jepsen.cluster.ClusterException;
import io.leasehold.jepsen.cluster.Target;
import io.leasehold.jepsen.report.Report;
import io.leasehold.jepsen.workload.Workloads;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** The commands. The exit code is 0 only if all that was run is OK. */
public final class Main {
  private static final String USAGE =
      """
      jepsen run     [--workload W] [--faults F] [--seconds N] [--seed N] [--size N]
                     [--backend process|netns|containers] [--target leasehold|etcd] [--out DIRECTORY]
                     [--checkpoint-seconds N] [--snapshot-count N]
      jepsen check   DIRECTORY           judge what a run recorded once more
      jepsen replay  DIRECTORY|plan.json run the same plan again; processes are never quite the same
      jepsen matrix  [--workload W,W] [--faults F,F] [--seconds N] [--seed N]
                     [--continue FILE] with what that series still lacks
      jepsen bugs    [--bug NAME] [--seconds N] [--seed N] run members with known bugs, which must show;
                     --bug none runs the product through the same scenarios, and nothing may show
      jepsen soak    --hours H [--seed N] [--seconds N] [--keep-going false]
      jepsen renewals [--seconds N] [--seed N] thousands of leases that are renewed as they should be,
                     while each of the things happens that one member can suffer
      jepsen losses  [--workload W,W] [--faults F,F] [--seconds N] [--seed N] [--continue FILE]
                     the power of all members fails, or a bit of one's log flips
      jepsen compare [--workload W,W] [--faults F,F] [--seconds N] [--seed N] the same on etcd, too
      jepsen table   FILE...             what the series came to that wrote these down
      """;
  private static final List<String> MATRIX_FAULTS =
      List.of("kill", "pause", "partition", "restart-all", "mixed");
  private static final List<String> SOAK_FAULTS =
      List.of(
          "kill",
          "pause",
          "partition",
          "restart-all",
          "mixed",
          "rolling-restart",
          "leader-transfer",
          "data-loss",
          "clock",
          "slow-disk",
          "failing-disk",
          "slow-network");

  /** What one member can suffer, of which no client that renews in time may notice anything. */
  private static final List<String> RENEWALS_FAULTS =
      List.of(
          "kill-leader",
          "kill-one",
          "pause-leader",
          "pause-one",
          "partition-leader",
          "partition-one",
          "rolling-restart");

  private static final List<String> COMPARED_WORKLOADS =
      List.of("lease-renew", "lease-patient", "lease-idle-elections");
  private static final List<String> COMPARED_FAULTS =
      List.of("kill-leader", "pause-leader", "partition-leader");
  private static final List<String> LOSSES_WORKLOADS =
      List.of("lease-renew", "txn-append", "restart-all");
  private static final List<String> LOSSES_FAULTS = List.of("POWER_CUT_ALL", "FLIP_LOG");
  private static final String NO_BUG = "none";
  private static final int MATRIX_SECONDS = 40;
  private static final int LOSSES_SECONDS = 25;

  /** So few that the log which a member without data would need is gone. */
  private static final int LOSSES_SNAPSHOT_COUNT = 50;

  private static final int SOAK_SECONDS = 90;
  private static final int RENEWALS_SECONDS = 40;
  private static final int COMPARED_SECONDS = 40;
  private static final int[] SIZES = {3, 3, 3, 5};
  private static final int[] CHECKPOINT_SECONDS = {1, 5, 10};
  private static final int[] SNAPSHOT_COUNTS = {500, 2000, 20_000};
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMdd-HHmmss");

  private final PrintStream out;
  private final Run.RunReport report;

  private Main(PrintStream out, Run.RunReport report) {
    this.out = out;
    this.report = report;
  }

  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int exitCode;
    try {
      exitCode = new Main(out, Report::write).execute(List.of(arguments)) ? 0 : 1;
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage() + "\n\n" + USAGE);
      exitCode = 2;
    } catch (ClusterException | IOException e) {
      out.println("did not come to a verdict: " + e.getMessage());
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  private boolean execute(List<String> words) throws IOException {
    if (words.isEmpty()) {
      throw new IllegalArgumentException("no command");
    }
    Arguments arguments = new Arguments(words.subList(1, words.size()));
    return switch (words.get(0)) {
      case "run" -> run(RunPlan.of(arguments.order()), arguments.runs());
      case "check" -> check(Path.of(arguments.word("a run's directory")));
      case "replay" -> replay(Path.of(arguments.word("a run's directory or plan")), arguments);
      case "matrix" -> matrix(arguments);
      case "soak" -> soak(arguments);
      case "bugs" -> bugs(arguments);
      case "renewals" -> renewals(arguments);
      case "losses" -> losses(arguments);
      case "compare" -> compare(arguments);
      case "table" -> table(arguments.words("files of series"));
      default -> throw new IllegalArgumentException("no command " + words.get(0));
    };
  }

  private boolean run(RunPlan plan, Path runs) throws IOException {
    RunResult result = new Run(plan, directory(runs, plan.order()), out, report).carryOut();
    result.print(out);
    if (result.isOk()) {
      Run.deleteMembersData(result.directory());
    }
    return result.isOk();
  }

  private boolean check(Path directory) throws IOException {
    RunResult result = Run.judgeStored(directory, report);
    result.print(out);
    return result.isOk();
  }

  private boolean replay(Path stored, Arguments arguments) throws IOException {
    Path plan = Files.isDirectory(stored) ? stored.resolve(Run.PLAN) : stored;
    return run(Run.storedPlan(plan), arguments.runs());
  }

  private boolean matrix(Arguments arguments) throws IOException {
    RunOrder common = arguments.order(MATRIX_FAULTS.get(0), MATRIX_SECONDS);
    Series series = grid("matrix", arguments, Workloads.shortOnes(), MATRIX_FAULTS, common);
    return conclude(series, series.table() + "\n" + series.summary());
  }

  private boolean losses(Arguments arguments) throws IOException {
    RunOrder common = arguments.order(LOSSES_FAULTS.get(0), LOSSES_SECONDS, LOSSES_SNAPSHOT_COUNT);
    Series series = grid("losses", arguments, LOSSES_WORKLOADS, LOSSES_FAULTS, common);
    return conclude(series, series.lossesTable());
  }

  /** Each workload under each group of faults, but what a series that goes on has an OK run of. */
  private Series grid(
      String name,
      Arguments arguments,
      List<String> workloadsOtherwise,
      List<String> faultsOtherwise,
      RunOrder common)
      throws IOException {
    List<String> groups = arguments.names("faults", faultsOtherwise);
    Series series = series(name, arguments);
    for (String workload : arguments.names("workload", workloadsOtherwise)) {
      for (String faults : groups) {
        RunOrder order =
            common
                .withWorkload(workload)
                .withFaults(faults)
                .withSeed(common.seed() + series.runs().size());
        if (!series.hasOk(order)) {
          runInSeries(order, series, arguments.runs(), true);
        }
      }
    }
    return series;
  }

  private boolean renewals(Arguments arguments) throws IOException {
    List<String> kinds = arguments.names("faults", RENEWALS_FAULTS);
    RunOrder common = arguments.order(kinds.get(0), RENEWALS_SECONDS);
    Series series = series("renewals", arguments);
    for (String faults : kinds) {
      runInSeries(
          common.withWorkload(arguments.text("workload", "lease-steady")).withFaults(faults),
          series,
          arguments.runs(),
          true);
    }
    return conclude(series, series.renewalsTable());
  }

  /** What etcd violates is what this is to show; only Leasehold has to be OK. */
  private boolean compare(Arguments arguments) throws IOException {
    List<String> groups = arguments.names("faults", COMPARED_FAULTS);
    RunOrder common = arguments.order(groups.get(0), COMPARED_SECONDS);
    Series series = series("compare", arguments);
    for (String workload : arguments.names("workload", COMPARED_WORKLOADS)) {
      for (String faults : groups) {
        RunOrder order = common.withWorkload(workload).withFaults(faults);
        runInSeries(order.withTarget(Target.LEASEHOLD), series, arguments.runs(), true);
        runInSeries(order.withTarget(Target.ETCD), series, arguments.runs(), false);
      }
    }
    out.println("\n" + series.comparison());
    return series.runs().stream()
        .allMatch(run -> run.order().target() == Target.ETCD || run.isOk());
  }

  private boolean table(List<String> files) throws IOException {
    Series series = Series.read(files.stream().map(Path::of).toList());
    return conclude(
        series,
        String.join(
            "\n",
            series.table(),
            series.summary(),
            series.renewalsTable(),
            series.lossesTable(),
            series.comparison()));
  }

  private Series series(String name, Arguments arguments) throws IOException {
    if (arguments.has("continue")) {
      return Series.goingOn(Path.of(arguments.text("continue", "")));
    }
    Path log =
        arguments
            .runs()
            .resolve(
                name + "-" + STAMP.format(LocalDateTime.now(ZoneId.systemDefault())) + ".jsonl");
    out.println("each run is written down in " + log);
    return new Series(log);
  }

  private boolean conclude(Series series, String tables) {
    out.println("\n" + tables);
    out.println(series.total());
    return series.isOk();
  }

  private boolean soak(Arguments arguments) throws IOException {
    long endNanos =
        System.nanoTime() + (long) (arguments.number("hours", 1) * Duration.ofHours(1).toNanos());
    long seed = arguments.seed();
    boolean keepsGoing = Boolean.parseBoolean(arguments.text("keep-going", "true"));
    Random random = new Random(seed);
    RunOrder common = arguments.order("none", SOAK_SECONDS);
    Series series = series("soak", arguments);
    out.println("soak, seed " + seed);
    while (System.nanoTime() - endNanos < 0 && (keepsGoing || series.isOk() || series.isEmpty())) {
      RunOrder order =
          new RunOrder(
                  any(Workloads.shortOnes(), random),
                  "none",
                  common.seconds(),
                  random.nextInt(1_000_000),
                  SIZES[random.nextInt(SIZES.length)],
                  common.backend(),
                  common.target(),
                  CHECKPOINT_SECONDS[random.nextInt(CHECKPOINT_SECONDS.length)],
                  SNAPSHOT_COUNTS[random.nextInt(SNAPSHOT_COUNTS.length)])
              .withFaults(any(SOAK_FAULTS, random));
      runInSeries(order, series, arguments.runs(), true);
      out.println("so far: " + series.total());
    }
    return conclude(series, series.table() + "\n" + series.summary());
  }

  private boolean bugs(Arguments arguments) throws IOException {
    String name = arguments.text("bug", "");
    if (name.equals(NO_BUG)) {
      return withoutBugs(arguments);
    }
    BugHunt hunt = new BugHunt(out, report);
    for (Bug bug : name.isEmpty() ? BugBank.all() : List.of(BugBank.of(name))) {
      RunOrder order = changed(BugHunt.order(bug), arguments);
      hunt.hunt(bug, order, directory(arguments.runs(), order));
    }
    out.println("\n" + hunt.table());
    out.println(hunt.total());
    return hunt.isOk();
  }

  private boolean withoutBugs(Arguments arguments) throws IOException {
    Set<RunOrder> orders = new LinkedHashSet<>();
    for (Bug bug : BugBank.all()) {
      orders.add(changed(BugHunt.order(bug), arguments));
    }
    Series series = series("bugs-none", arguments);
    for (RunOrder order : orders) {
      runInSeries(order, series, arguments.runs(), true);
    }
    return conclude(series, series.table());
  }

  private static RunOrder changed(RunOrder order, Arguments arguments) {
    RunOrder longEnough = order.withSeconds((int) arguments.number("seconds", order.seconds()));
    return arguments.has("seed") ? longEnough.withSeed(arguments.seed()) : longEnough;
  }

  private static String any(List<String> names, Random random) {
    return names.get(random.nextInt(names.size()));
  }

  /**
   * Whatever becomes of it, the next one comes.
   *
   * @param keepsFailures whether what is not OK is kept whole
   */
  private void runInSeries(RunOrder order, Series series, Path runs, boolean keepsFailures)
      throws IOException {
    Path directory = directory(runs, order);
    try {
      RunPlan plan = RunPlan.of(order);
      String reason = order.backend().reasonMissing(plan.cluster(directory));
      if (reason != null) {
        out.println(order.workload() + ", " + order.faults() + ": skipped: " + reason);
        return;
      }
      // Pages are made only of what stays.
      RunResult result = new Run(plan, directory, out, run -> {}).carryOut();
      series.add(result);
      if (result.isOk()) {
        out.println("  OK");
      } else {
        result.print(out);
      }
      if (keepsFailures && !result.isOk()) {
        report.write(directory);
        Run.deleteMembersData(directory);
      } else {
        Run.delete(directory);
      }
    } catch (ClusterException e) {
      out.println("did not come to a verdict: " + e.getMessage());
      series.addUnfinished(order);
    }
  }

  private static Path directory(Path runs, RunOrder order) {
    return runs.resolve(
        String.join(
            "-",
            Arrays.asList(
                STAMP.format(LocalDateTime.now(ZoneId.systemDefault())),
                order.workload(),
                order.faults().toLowerCase(Locale.ROOT).replace(',', '+'),
                Long.toString(order.seed()))));
  }
}
