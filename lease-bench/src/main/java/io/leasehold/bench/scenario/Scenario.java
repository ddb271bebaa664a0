package io.leasehold.bench.scenario;

import io.leasehold.bench.report.Result;
import java.util.List;

/**
 * Something to measure.
 *
 * @param name as it is given on the command line
 * @param what it measures, in one line
 * @param isOursAlone whether it asks for what etcd has not
 * @param flags further flags of members that are started for it
 */
public record Scenario(
    String name, String what, Needs needs, boolean isOursAlone, List<String> flags, Body body) {
  public Scenario {
    flags = List.copyOf(flags);
  }

  /** What it asks of the cluster. */
  public enum Needs {
    /** Any cluster, also one that others have worked on. */
    ANY,
    /** Processes of our own, which it may end, and nothing on them that others left there. */
    FRESH
  }

  /** Does it. */
  @FunctionalInterface
  public interface Body {
    Result run(Bench bench) throws Exception;
  }

  static Scenario any(String name, String what, Body body) {
    return new Scenario(name, what, Needs.ANY, false, List.of(), body);
  }

  static Scenario oursAlone(String name, String what, Body body) {
    return new Scenario(name, what, Needs.ANY, true, List.of(), body);
  }

  static Scenario fresh(String name, String what, Body body) {
    return new Scenario(name, what, Needs.FRESH, false, List.of(), body);
  }

  /** Returns the same on members with further flags. */
  Scenario with(List<String> furtherFlags) {
    return new Scenario(name, what, needs, isOursAlone, furtherFlags, body);
  }
}
