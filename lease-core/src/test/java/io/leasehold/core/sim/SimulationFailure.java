package io.leasehold.core.sim;

/** A rule was broken in the simulation. */
public final class SimulationFailure extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final String rule;

  SimulationFailure(String rule, String what) {
    super(rule + ": " + what);
    this.rule = rule;
  }

  String rule() {
    return rule;
  }
}
