package io.leasehold.bench.scenario;

import io.leasehold.bench.cluster.BenchException;
import java.util.List;
import java.util.stream.Stream;

/** All scenarios there are. */
public final class Scenarios {
  private static final List<Scenario> ALL =
      Stream.of(
              GrantScenarios.all(),
              RenewalScenarios.all(),
              ReadScenarios.all(),
              RevokeScenarios.all(),
              LockScenarios.all(),
              KeyScenarios.all(),
              WatchScenarios.all(),
              ManyKeysScenarios.all(),
              ExpiryScenarios.all(),
              FailoverScenarios.all(),
              SizeScenarios.all(),
              LargeScenario.all(),
              SteadyScenario.all())
          .flatMap(List::stream)
          .toList();

  private Scenarios() {}

  public static List<Scenario> all() {
    return ALL;
  }

  /** Returns those that any cluster will do for, one after the other: none takes long. */
  public static List<Scenario> simple() {
    return ALL.stream().filter(scenario -> scenario.needs() == Scenario.Needs.ANY).toList();
  }

  /** Returns the one of a name. */
  public static Scenario named(String name) {
    return ALL.stream()
        .filter(scenario -> scenario.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new BenchException("no scenario " + name + "; see bench list"));
  }
}
