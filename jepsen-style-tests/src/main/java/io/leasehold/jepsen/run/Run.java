package io.leasehold.jepsen.run;

import io.leasehold.jepsen.check.Judge;
import io.leasehold.jepsen.check.MemberEnd;
import io.leasehold.jepsen.check.MemberLogs;
import io.leasehold.jepsen.check.RunParameters;
import io.leasehold.jepsen.check.SilentMembers;
import io.leasehold.jepsen.check.UnexpectedEnds;
import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.client.Connections;
import io.leasehold.jepsen.client.MemberPoll;
import io.leasehold.jepsen.client.MemberReading;
import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.ClusterPlan;
import io.leasehold.jepsen.cluster.Target;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.history.Counter;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.HistoryReader;
import io.leasehold.jepsen.history.Json;
import io.leasehold.jepsen.nemesis.FaultReport;
import io.leasehold.jepsen.workload.CanonicalWatches;
import io.leasehold.jepsen.workload.LastingLeases;
import io.leasehold.jepsen.workload.Stage;
import io.leasehold.jepsen.workload.Workload;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Carries out a plan, in a directory of its own, and judges what was recorded. */
final class Run {
  static final String PLAN = "plan.json";
  static final String HISTORY = "history.jsonl";
  static final String VERDICT = "verdict.json";
  private static final String ASIDE = "aside.json";
  private static final String REPRODUCTION = "repro.sh";
  private static final String CLUSTER = "cluster";
  private static final String LOG = ".log";
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  /** What three members take to start on a machine that does nothing else. */
  private static final Duration USUAL_START = Duration.ofSeconds(5);

  /** By how much longer a member is waited for than it may take. */
  private static final Duration SERVICE_SLACK = Duration.ofSeconds(10);

  private final RunPlan plan;
  private final Path directory;
  private final PrintStream out;
  private final RunReport report;
  private final List<Path> classesFirst;
  private final String command;

  Run(RunPlan plan, Path directory, PrintStream out, RunReport report) {
    this(plan, directory, out, report, List.of(), plan.order().command());
  }

  /**
   * As above, of members that are not quite the product.
   *
   * @param classesFirst directories of classes that count before the product's
   * @param command does it again
   */
  Run(
      RunPlan plan,
      Path directory,
      PrintStream out,
      RunReport report,
      List<Path> classesFirst,
      String command) {
    this.plan = plan;
    this.directory = directory;
    this.out = out;
    this.report = report;
    this.classesFirst = List.copyOf(classesFirst);
    this.command = command;
  }

  /** Makes pages for people of what a run stored. */
  interface RunReport {
    void write(Path runDirectory) throws IOException;
  }

  /**
   * What is not part of the history, so that it is known when that is judged again.
   *
   * @param complaints what went wrong with faults
   * @param ends members that ended by themselves
   */
  private record Aside(List<String> complaints, List<MemberEnd> ends) {}

  RunResult carryOut() throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(PLAN), Json.writeIndented(plan));
    Files.writeString(directory.resolve(REPRODUCTION), "#!/bin/sh\n" + command + "\n");
    out.printf(
        Locale.ROOT,
        "%s, faults %s, %d s, seed %d, %d members (%s, %s)%n",
        plan.order().workload(),
        plan.order().faults(),
        plan.order().seconds(),
        plan.order().seed(),
        plan.order().size(),
        plan.order().target(),
        plan.order().backend());
    plan.leftOut().forEach(reason -> out.println("  left out: " + reason));
    Aside aside;
    ClusterPlan members = plan.cluster(directory.resolve(CLUSTER)).withClassesFirst(classesFirst);
    try (TestCluster cluster = plan.order().backend().open(members)) {
      RunClock starting = new RunClock();
      cluster.start();
      aside = record(cluster, Duration.ofNanos(starting.nowNanos()));
    }
    Files.writeString(directory.resolve(ASIDE), Json.writeIndented(aside));
    return judge(plan, directory, report);
  }

  /** Judges what a directory holds, once more. */
  static RunResult judgeStored(Path directory, RunReport report) throws IOException {
    return judge(storedPlan(directory.resolve(PLAN)), directory, report);
  }

  static RunPlan storedPlan(Path file) throws IOException {
    return Json.read(Files.readString(file), RunPlan.class);
  }

  private static RunResult judge(RunPlan plan, Path directory, RunReport report)
      throws IOException {
    Aside aside = Json.read(Files.readString(directory.resolve(ASIDE)), Aside.class);
    History history = HistoryReader.read(directory.resolve(HISTORY));
    RunParameters parameters =
        plan.startsMembers()
            ? plan.parameters().withStartsLongerBy(slowness(history))
            : plan.parameters();
    Verdicts found =
        Judge.judge(history, parameters)
            .with(
                judgeLogs(directory.resolve(CLUSTER), history),
                UnexpectedEnds.judge(aside.ends(), history),
                SilentMembers.judge(aside.ends(), history, parameters));
    Verdicts verdicts =
        RunResult.expecting(
            RunResult.asFarAsTold(
                RunResult.asFarAsRead(found, plan.order().target()),
                plan.parameters().stalledShareMax()),
            plan.workload().mustBeViolated(),
            aside.complaints());
    Files.writeString(directory.resolve(VERDICT), Json.writeIndented(verdicts));
    report.write(directory);
    return new RunResult(plan, directory, verdicts);
  }

  /**
   * By what factor members started more slowly than on a machine for which bounds are meant; 1 at
   * least.
   */
  private static double slowness(History history) {
    return Math.max(1, (double) history.startNanos() / USUAL_START.toNanos());
  }

  private static Verdict judgeLogs(Path cluster, History history) throws IOException {
    MemberLogs logs = new MemberLogs(history);
    try (Stream<Path> files = Files.list(cluster)) {
      for (Path file : files.filter(Run::isLog).sorted().toList()) {
        // What is no text is read as such: a member that was killed may have written anything.
        try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
          logs.read(file.getFileName().toString().replace(LOG, ""), lines);
        }
      }
    }
    return logs.verdict();
  }

  private static boolean isLog(Path file) {
    return file.getFileName().toString().endsWith(LOG);
  }

  private Aside record(TestCluster cluster, Duration start) throws IOException {
    RunClock clock = new RunClock();
    List<MemberEnd> ends = new CopyOnWriteArrayList<>();
    cluster.onUnexpectedEnd(
        (member, exitCode) -> ends.add(new MemberEnd(member, exitCode, clock.nowNanos())));
    boolean isOurs = plan.order().target() == Target.LEASEHOLD;
    MemberReading reading =
        isOurs ? MemberReading.ofLeasehold(cluster, clock) : MemberReading.plain(cluster, clock);
    try (Recorder recorder = new Recorder(directory.resolve(HISTORY));
        Canary canary = new Canary(clock, recorder);
        Connections connections = new Connections(cluster);
        MemberPoll poll = new MemberPoll(cluster, reading, POLL_INTERVAL, recorder);
        Stage stage = new Stage(connections, clock, plan.order().seed(), isOurs, recorder);
        CanonicalWatches watches = new CanonicalWatches(stage)) {
      canary.begin();
      stage.record(new Counter(Counter.START_MILLIS, "", start.toMillis()));
      FinalPhase ending = new FinalPhase(cluster, stage, reading, clock);
      List<String> complaints = act(cluster, clock, recorder, poll, stage, ending, start);
      ending.drain(plan.workload().longestTtl());
      ending.read(watches);
      recorder.verify();
      return new Aside(complaints, List.copyOf(ends));
    }
  }

  /** Clients act and faults come, for as long as is planned and until all is well again. */
  private List<String> act(
      TestCluster cluster,
      RunClock clock,
      Recorder recorder,
      MemberPoll poll,
      Stage stage,
      FinalPhase ending,
      Duration start) {
    Workload workload = plan.workload();
    Breaking breaking = new Breaking(cluster, clock);
    try (Progress progress =
        new Progress(out, () -> progressLine(clock, recorder, poll, breaking.current()))) {
      LastingLeases.begin(stage);
      workload.begin(stage);
      long endNanos = clock.nowNanos() + Duration.ofSeconds(plan.order().seconds()).toNanos();
      List<String> complaints =
          breaking.until(
              endNanos,
              plan.schedule(),
              fault -> {
                fault.window().ifPresent(recorder);
                progress.note(line(fault));
              });
      ending.awaitService(
          Duration.ofNanos(plan.parameters().recoveryNanosMax()).plus(start).plus(SERVICE_SLACK));
      stage.close();
      return complaints;
    }
  }

  private String progressLine(RunClock clock, Recorder recorder, MemberPoll poll, String fault) {
    return "%3d of %d s: %s; leader %s, %d changes%s"
        .formatted(
            Duration.ofNanos(clock.nowNanos()).toSeconds(),
            plan.order().seconds(),
            recorder.counts(),
            poll.leader(),
            poll.leaderChanges(),
            fault.isEmpty() ? "" : "; " + fault);
  }

  /** Deletes what members had on disk; logs, history and verdict stay. */
  static void deleteMembersData(Path directory) throws IOException {
    deleteWhere(directory.resolve(CLUSTER), false);
  }

  static void delete(Path directory) throws IOException {
    deleteWhere(directory, true);
  }

  private static void deleteWhere(Path directory, boolean logsToo) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      Cleanup all = new Cleanup();
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        boolean isMembersLog = directory.equals(file.getParent()) && isLog(file);
        if (logsToo || !(isMembersLog || file.equals(directory))) {
          all.attempt(() -> Files.delete(file));
        }
      }
      all.finish(directory + " was not deleted");
    }
  }

  private static String line(FaultReport fault) {
    return "  %s: %s for %.1f s, ready %s%s"
        .formatted(
            fault.kind(),
            fault.description(),
            (fault.toNanos() - fault.fromNanos()) / 1e9,
            fault.readyNanos() < 0
                ? "never"
                : "%.1f s later".formatted((fault.readyNanos() - fault.toNanos()) / 1e9),
            fault.complaint().isEmpty() ? "" : "; " + fault.complaint());
  }
}
