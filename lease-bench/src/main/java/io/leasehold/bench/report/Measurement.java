package io.leasehold.bench.report;

/** What one run of a scenario gave, and under what conditions. */
public record Measurement(Conditions conditions, Result result) {
  public String scenario() {
    return result.scenario();
  }

  /** Returns it as one line of JSON. */
  public String json() {
    return result.json(conditions.fields());
  }
}
