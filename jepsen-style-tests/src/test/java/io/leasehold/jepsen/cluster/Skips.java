package io.leasehold.jepsen.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.jspecify.annotations.Nullable;

/** Says why a test does not run on this machine. */
public final class Skips {
  private Skips() {}

  /** Skips the test unless the backend can hold such a cluster. */
  public static void unless(Backend backend, ClusterPlan plan) {
    @Nullable String reason = backend.reasonMissing(plan);
    if (reason != null) {
      System.out.println("Skipped: " + reason);
    }
    assumeTrue(reason == null, String.valueOf(reason));
  }
}
