package io.leasehold.jepsen.cluster;

import java.nio.file.Path;

/** A run that dies with its cluster up: the program that {@link LeftoversIT} starts. */
final class CrashedRun {
  private CrashedRun() {}

  public static void main(String[] arguments) {
    ClusterPlan plan = LeftoversIT.plan(Path.of(arguments[0]));
    Backend.valueOf(arguments[1]).open(plan).start();
    // Neither hooks nor finally blocks run.
    Runtime.getRuntime().halt(1);
  }
}
