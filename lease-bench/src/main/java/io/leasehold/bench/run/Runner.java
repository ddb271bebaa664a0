package io.leasehold.bench.run;

import io.leasehold.bench.cluster.BenchCluster;
import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.Target;
import io.leasehold.bench.measure.JavaVersion;
import io.leasehold.bench.report.Conditions;
import io.leasehold.bench.report.Measurement;
import io.leasehold.bench.report.Result;
import io.leasehold.bench.scenario.Bench;
import io.leasehold.bench.scenario.Progress;
import io.leasehold.bench.scenario.Scenario;
import io.leasehold.bench.wire.EventLoops;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs scenarios one after the other, on one cluster as long as they do not ask for a fresh one.
 * What fails is reported, and the others go on. Main thread only.
 */
final class Runner implements AutoCloseable {
  private final CommandLine commandLine;
  private final Target target;
  private final Function<List<String>, BenchCluster> clusters;
  private final boolean areOurs;
  private final Progress progress;
  private final PrintStream out;
  private final ResultLines lines;
  private final EventLoops loops;
  private @Nullable BenchCluster cluster;
  private int failures;

  /**
   * @param target what is measured, if that is known
   * @param clusters opens what is measured, with further flags of its members
   * @param areOurs whether it may be broken, and opened again as new
   */
  Runner(
      CommandLine commandLine,
      Target target,
      Function<List<String>, BenchCluster> clusters,
      boolean areOurs,
      Progress progress,
      PrintStream out,
      ResultLines lines) {
    this.commandLine = commandLine;
    this.target = target;
    this.clusters = clusters;
    this.areOurs = areOurs;
    this.progress = progress;
    this.out = out;
    this.lines = lines;
    this.loops = new EventLoops(commandLine.threads());
  }

  /** Runs all scenarios once, and hands each result over as soon as it is there. */
  void round(int round, Consumer<Measurement> results) throws InterruptedException {
    for (Scenario scenario : commandLine.scenarios()) {
      if (scenario.needs() != Scenario.Needs.ANY && !areOurs) {
        out.println(scenario.name() + ": needs members of our own; left out");
        continue;
      }
      if (scenario.isOursAlone() && target == Target.ETCD) {
        out.println(scenario.name() + ": " + target.label() + " has nothing like it; left out");
        continue;
      }
      run(scenario, round, results);
    }
  }

  private void run(Scenario scenario, int round, Consumer<Measurement> results)
      throws InterruptedException {
    if (scenario.needs() == Scenario.Needs.FRESH) {
      closeCluster();
    }
    Progress here = progress.of(scenario.name());
    boolean isSpent = scenario.needs() == Scenario.Needs.FRESH;
    boolean isFirst = cluster == null;
    try {
      BenchCluster current = cluster(scenario, here);
      try (Bench bench =
          new Bench(scenario, current, loops, commandLine.options(), isFirst, here)) {
        Result result = scenario.body().run(bench);
        here.clear();
        Measurement measured = new Measurement(conditions(current, isFirst, round), result);
        lines.add(measured);
        results.accept(measured);
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | AssertionError e) {
      here.clear();
      failures++;
      isSpent = true;
      out.println(scenario.name() + " failed: " + e.getMessage());
      if (!(e instanceof BenchException)) {
        e.printStackTrace(out);
      }
    }
    if (isSpent && areOurs) {
      closeCluster();
    }
  }

  private Conditions conditions(BenchCluster on, boolean isFirst, int round) {
    String jdk = on.pids().values().stream().findFirst().map(JavaVersion::of).orElse("");
    Conditions.Start start = Conditions.Start.UNKNOWN;
    if (areOurs) {
      start = isFirst ? Conditions.Start.COLD : Conditions.Start.WARM;
    }
    return new Conditions(
        Instant.now(), on.label(), on.version(), on.members().size(), jdk, start, round);
  }

  private BenchCluster cluster(Scenario scenario, Progress here) {
    BenchCluster current = cluster;
    if (current == null) {
      here.say("starting members");
      current = clusters.apply(scenario.flags());
      cluster = current;
    }
    return current;
  }

  /** How many scenarios failed so far. */
  int failures() {
    return failures;
  }

  private void closeCluster() {
    if (cluster != null) {
      cluster.close();
      cluster = null;
    }
  }

  @Override
  public void close() {
    closeCluster();
    loops.close();
  }
}
