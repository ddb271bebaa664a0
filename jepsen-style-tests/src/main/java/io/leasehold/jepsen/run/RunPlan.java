package io.leasehold.jepsen.run;

import io.leasehold.jepsen.check.RunParameters;
import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.ClusterPlan;
import io.leasehold.jepsen.cluster.Tampering;
import io.leasehold.jepsen.cluster.Target;
import io.leasehold.jepsen.nemesis.FaultKind;
import io.leasehold.jepsen.nemesis.Schedule;
import io.leasehold.jepsen.workload.Workload;
import io.leasehold.jepsen.workload.Workloads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * An order with everything that follows from it and from its seed.
 *
 * @param schedule longer than the run may take; what does not fit into its time is left out
 * @param diskMebibytes size of a disk for each member, 0 for none
 * @param tampering what is put between members and their machine
 * @param leftOut what the order asks for and this machine cannot do, with the reasons
 * @param parameters by which the run is judged
 */
record RunPlan(
    RunOrder order,
    List<String> flags,
    int diskMebibytes,
    Schedule schedule,
    Tampering tampering,
    List<String> leftOut,
    RunParameters parameters) {
  private static final int DISK_MEBIBYTES = 512;
  private static final int ELECTION_SECONDS = 1;

  /** Fast, slow and true, one member after the other. */
  private static final List<Double> CLOCK_RATES = List.of(1.05, 0.95, 1.0);

  /** From the start of its process until a member serves, on a busy machine. */
  private static final int START_SECONDS_MAX = 15;

  /** Until members that never went down have found each other again, after twenty seconds apart. */
  private static final int RECONNECT_SECONDS_MAX = 10;

  private static final Duration QUIET_LEAST = Duration.ofSeconds(2);
  private static final Duration QUIET_MOST = Duration.ofSeconds(6);
  private static final Duration LENGTH_LEAST = Duration.ofMillis(800);
  private static final Duration LENGTH_MOST = Duration.ofSeconds(6);

  /** A fault takes that long with what comes before and after it; a third may be lost. */
  private static final int SECONDS_PER_FAULT_MOST = 30;

  RunPlan {
    flags = List.copyOf(flags);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Expands an order.
   *
   * @throws IllegalArgumentException if it names what there is not
   */
  static RunPlan of(RunOrder order) {
    List<String> leftOut = new ArrayList<>();
    FaultGroup faults = asFarAsOffered(order, leftOut);
    if (order.target() == Target.ETCD) {
      faults = faults.ofAnyProgram();
    }
    for (Capability capability :
        List.of(Capability.WALL_CLOCKS, Capability.SYNCS, Capability.DELAYS)) {
      faults = asFarAsPossible(faults, capability, leftOut);
    }
    if (faults.kinds().isEmpty() && !FaultGroup.of(order.faults()).kinds().isEmpty()) {
      throw new IllegalArgumentException(
          "faults "
              + order.faults()
              + ": not possible with "
              + lower(order.backend())
              + " and "
              + lower(order.target()));
    }
    Workload workload = Workloads.of(order.workload());
    Schedule schedule =
        Schedule.random(
            order.seed(),
            faults.kinds(),
            Duration.ofSeconds(order.seconds()),
            new Schedule.Lengths(QUIET_LEAST, QUIET_MOST),
            new Schedule.Lengths(LENGTH_LEAST, LENGTH_MOST));
    return new RunPlan(
        order,
        flags(order),
        faults.needsDisks() ? DISK_MEBIBYTES : 0,
        schedule,
        tampering(faults, leftOut),
        leftOut,
        parameters(order, faults, schedule, workload));
  }

  /** What is asked for by its own name must be possible; of a group the rest is enough. */
  private static FaultGroup asFarAsOffered(RunOrder order, List<String> leftOut) {
    FaultGroup asked = FaultGroup.of(order.faults());
    FaultGroup rest = asked.without(order.backend().ruledOut());
    List<FaultKind> impossible =
        asked.kinds().stream().filter(kind -> !rest.kinds().contains(kind)).toList();
    if (impossible.isEmpty()) {
      return asked;
    }
    String reason =
        String.join(", ", impossible.stream().map(FaultKind::name).toList())
            + ": not possible with "
            + lower(order.backend());
    if (!asked.isNamed()) {
      throw new IllegalArgumentException("faults " + reason);
    }
    leftOut.add(reason);
    return rest;
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  /** A group of which nothing at all is possible stays, for the cluster to refuse. */
  private static FaultGroup asFarAsPossible(
      FaultGroup faults, Capability capability, List<String> leftOut) {
    FaultGroup rest = faults.without(capability);
    if (rest.kinds().size() == faults.kinds().size() || rest.kinds().isEmpty()) {
      return faults;
    }
    boolean wires = capability == Capability.DELAYS;
    String reason = new Tampering(!wires, wires, false, List.of()).reasonMissing();
    if (reason == null) {
      return faults;
    }
    if (!leftOut.contains(reason)) {
      leftOut.add(reason);
    }
    return rest;
  }

  private static Tampering tampering(FaultGroup faults, List<String> leftOut) {
    boolean bases = faults.isAboutClocks();
    if (bases) {
      String reason = Tampering.reasonNoBases();
      bases = reason == null;
      if (reason != null) {
        leftOut.add(reason);
      }
    }
    return new Tampering(
        faults.needs(Capability.WALL_CLOCKS) || faults.needs(Capability.SYNCS),
        faults.needs(Capability.DELAYS),
        bases,
        rates(faults));
  }

  private static List<Double> rates(FaultGroup faults) {
    return faults.hasClockRates() ? CLOCK_RATES : List.of();
  }

  private static List<String> flags(RunOrder order) {
    List<String> flags = new ArrayList<>();
    flags.addAll(List.of("--snapshot-count", Integer.toString(order.snapshotCount())));
    if (order.target() == Target.LEASEHOLD) {
      flags.addAll(List.of("--lease-checkpoint-interval", order.checkpointSeconds() + "s"));
    }
    return flags;
  }

  /** In a ring of three, where each hears one other, no two hear each other. */
  private static boolean leavesNoMajority(FaultKind kind, int size) {
    return FaultGroup.isOfAll(kind) || (kind == FaultKind.PARTITION_RING && size / 2 % 2 == 1);
  }

  private static RunParameters parameters(
      RunOrder order, FaultGroup faults, Schedule schedule, Workload workload) {
    double rho = new Tampering(false, false, false, rates(faults)).rho();
    Map<String, Long> lateness = new HashMap<>();
    Set<String> ofAll = new HashSet<>();
    for (FaultKind kind : faults.kinds()) {
      // What elections and recorded remaining times may add, three times: the machine is small.
      int seconds =
          switch (kind) {
            // More than one leader goes, and one may go twice.
            case ROLLING_RESTART, LEADER_TRANSFERS ->
                3 * (2 * ELECTION_SECONDS + order.checkpointSeconds());
            // Nothing is timed by a wall clock.
            case CLOCK_JUMP_ONE, CLOCK_JUMP_LEADER, CLOCK_JUMP_ALL -> 0;
            default ->
                FaultGroup.isOfAll(kind) && FaultGroup.startsMembers(kind)
                    ? START_SECONDS_MAX + order.checkpointSeconds()
                    : 3 * (2 * ELECTION_SECONDS) + order.checkpointSeconds();
          };
      lateness.put(kind.name(), TimeUnit.SECONDS.toNanos(seconds));
      if (leavesNoMajority(kind, order.size())) {
        ofAll.add(kind.name());
      }
    }
    return RunParameters.defaults()
        .withRho(rho)
        .withLatenessNanosMaxByFault(lateness)
        .withQuorumLossFaults(ofAll)
        .withLeaderChangeNanosMax(
            (long) ((order.checkpointSeconds() + ELECTION_SECONDS) * 1e9 / (1 - rho)))
        .withMinorityFaultsOnly(faults.isOfAMinority())
        .withRecoveryNanosMax(
            TimeUnit.SECONDS.toNanos(
                faults.startsMembers() ? START_SECONDS_MAX : RECONNECT_SECONDS_MAX))
        .withBelief(workload.belief())
        .withMinimums(minimums(order, faults, schedule, workload));
  }

  /** Half of what the workload calls for: faults stop clients, and the final phase is quiet. */
  private static Map<String, Double> minimums(
      RunOrder order, FaultGroup faults, Schedule schedule, Workload workload) {
    Map<String, Double> minimums = new HashMap<>();
    workload
        .minimumsPerSecond()
        .forEach((name, least) -> minimums.put(name, least * order.seconds() / 2));
    if (!faults.kinds().isEmpty()) {
      int least = Math.max(1, order.seconds() / SECONDS_PER_FAULT_MOST);
      minimums.put("faults", (double) least);
      // Those that come first cannot have been left out for want of time.
      schedule.steps().stream()
          .limit(least)
          .forEach(step -> minimums.put("fault " + step.kind().name(), 1.0));
      if (faults.changesLeaders()) {
        minimums.put("leader changes", (double) least);
      }
    }
    return minimums;
  }

  /** Whether faults of this run end processes, so that it waits for starts. */
  boolean startsMembers() {
    return FaultGroup.of(order.faults()).startsMembers();
  }

  ClusterPlan cluster(Path home) {
    ClusterPlan plan =
        ClusterPlan.of(home, order.target(), flags.toArray(new String[0]))
            .withSize(order.size())
            .withTampering(tampering);
    return diskMebibytes > 0 ? plan.withDisks(diskMebibytes) : plan;
  }

  Workload workload() {
    return Workloads.of(order.workload());
  }
}
