package io.leasehold.jepsen.history;

/** How often something happened inside a member or the harness, as counted at the end. */
public record Counter(String name, String node, long value) implements Entry {
  /** How long the members took from the start of their processes until they served, at first. */
  public static final String START_MILLIS = "start milliseconds";
}
