package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.check.Belief;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** What clients do. For one run. */
public interface Workload {
  /** Sets its players on the stage; they act until the stage ends them. */
  void begin(Stage stage);

  /** What must have happened in a second, so that the run proves something, by counters' names. */
  Map<String, Double> minimumsPerSecond();

  /** The longest TTL of its leases: so long some may live on when its players are gone. */
  default Duration longestTtl() {
    return Duration.ofSeconds(10);
  }

  /** How its clients of locks take themselves for holders. */
  default Belief belief() {
    return Belief.UNTIL_DEADLINE;
  }

  /** Properties that must be found violated: what these clients do is known to be wrong. */
  default Set<String> mustBeViolated() {
    return Set.of();
  }
}
