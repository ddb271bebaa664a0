package io.leasehold.jepsen.workload;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The workloads there are, by the names that plans and reports use. */
public final class Workloads {
  private static final String LARGE_STORM = "expiry-storm-20000";
  private static final Map<String, Supplier<Workload>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("lease-renew", LeaseRenew::new);
    ALL.put("lease-steady", LeaseSteady::new);
    ALL.put("lease-patient", LeasePatient::new);
    ALL.put("lease-batch", LeaseBatch::new);
    ALL.put("lease-idle-elections", LeaseIdleElections::new);
    ALL.put("lease-revoke-race", LeaseRevokeRace::new);
    ALL.put("lock-fenced", LockFenced::new);
    ALL.put("lock-naive", LockNaive::new);
    ALL.put("attach", Attach::new);
    ALL.put("register", Register::new);
    ALL.put("txn-append", TxnAppend::new);
    ALL.put("set", SetAdd::new);
    ALL.put("watch", WatchAll::new);
    ALL.put("expiry-storm", ExpiryStorm::new);
    ALL.put(LARGE_STORM, ExpiryStorm::large);
    ALL.put("restart-all", RestartAll::new);
  }

  private Workloads() {}

  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /** Returns the names of those that show something in half a minute. */
  public static List<String> shortOnes() {
    return ALL.keySet().stream().filter(name -> !name.equals(LARGE_STORM)).toList();
  }

  /**
   * Makes a workload.
   *
   * @throws IllegalArgumentException with the names that there are, if there is none of this name
   */
  public static Workload of(String name) {
    Supplier<Workload> found = ALL.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "workload " + name + ": choose one of " + String.join(", ", ALL.keySet()));
    }
    return found.get();
  }
}
