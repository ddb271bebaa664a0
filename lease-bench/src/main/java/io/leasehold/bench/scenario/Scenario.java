package io.leasehold.bench.scenario;

import io.leasehold.bench.report.Result;

/**
 * Something to measure.
 *
 * @param name as it is given on the command line
 * @param what it measures, in one line
 */
public record Scenario(String name, String what, Needs needs, Body body) {
  /** What it asks of the cluster. */
  public enum Needs {
    /** Any cluster, also one that others have worked on. */
    ANY,
    /** Processes of our own, since it asks the kernel or ends some. */
    OWN,
    /** The same, and nothing that others left there. */
    FRESH
  }

  /** Does it. */
  @FunctionalInterface
  public interface Body {
    Result run(Bench bench) throws Exception;
  }

  static Scenario any(String name, String what, Body body) {
    return new Scenario(name, what, Needs.ANY, body);
  }

  static Scenario own(String name, String what, Body body) {
    return new Scenario(name, what, Needs.OWN, body);
  }

  static Scenario fresh(String name, String what, Body body) {
    return new Scenario(name, what, Needs.FRESH, body);
  }
}
