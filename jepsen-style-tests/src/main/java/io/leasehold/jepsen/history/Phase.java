package io.leasehold.jepsen.history;

/** A part of the run begins. */
public record Phase(String name, long atNanos) implements Entry {
  /**
   * All faults are healed, the workload has stopped, and what is there is read from each member.
   */
  public static final String FINAL = "final";
}
