package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;

/** The faults there are, by the names that plans and reports use. */
public enum FaultKind {
  KILL_ONE(outage(OutageFault.Manner.KILLED, Victims.ONE)),
  KILL_LEADER(outage(OutageFault.Manner.KILLED, Victims.LEADER)),
  KILL_ALL(outage(OutageFault.Manner.KILLED, Victims.ALL)),
  PAUSE_ONE(outage(OutageFault.Manner.FROZEN, Victims.ONE)),
  PAUSE_LEADER(outage(OutageFault.Manner.FROZEN, Victims.LEADER)),
  PAUSE_ALL(outage(OutageFault.Manner.FROZEN, Victims.ALL)),
  STOP_ONE(outage(OutageFault.Manner.STOPPED, Victims.ONE)),
  STOP_LEADER(outage(OutageFault.Manner.STOPPED, Victims.LEADER)),
  STOP_ALL(outage(OutageFault.Manner.STOPPED, Victims.ALL)),
  ROLLING_RESTART((random, length) -> new RollingRestart(random)),
  LEADER_TRANSFERS((random, length) -> new LeaderTransfers(length, random)),
  PARTITION_HALF(partition(CutShape.HALF, false)),
  PARTITION_ONE(partition(CutShape.ISOLATED, false)),
  PARTITION_LEADER(partition(CutShape.ISOLATED, true)),
  PARTITION_LEADER_MUTE(partition(CutShape.MUTE, true)),
  PARTITION_LEADER_DEAF(partition(CutShape.DEAF, true)),
  PARTITION_BRIDGE(partition(CutShape.BRIDGE, false)),
  PARTITION_RING(partition(CutShape.RING, false)),
  WIPE_ONE((random, length) -> new LossFault(LossFault.Part.DIRECTORY, random)),
  FLIP_LOG((random, length) -> new LossFault(LossFault.Part.LOG, random)),
  FLIP_SNAPSHOT((random, length) -> new LossFault(LossFault.Part.SNAPSHOT, random)),
  DISK_FULL_ONE((random, length) -> new DiskFull(Victims.ONE, random)),
  DISK_FULL_LEADER((random, length) -> new DiskFull(Victims.LEADER, random)),
  POWER_CUT_ONE((random, length) -> new PowerCut(Victims.ONE, random)),
  POWER_CUT_ALL((random, length) -> new PowerCut(Victims.ALL, random));

  private final BiFunction<Random, Duration, Fault> maker;

  FaultKind(BiFunction<Random, Duration, Fault> maker) {
    this.maker = maker;
  }

  private static BiFunction<Random, Duration, Fault> outage(
      OutageFault.Manner manner, Victims victims) {
    return (random, length) -> new OutageFault(manner, victims, random);
  }

  private static BiFunction<Random, Duration, Fault> partition(
      CutShape shape, boolean isLeaderFirst) {
    return (random, length) -> new PartitionFault(shape, isLeaderFirst, random);
  }

  /**
   * Makes a fault.
   *
   * @param seed of what is left to chance
   * @param length how long those go on that do something all the time
   */
  public Fault create(long seed, Duration length) {
    return maker.apply(new Random(seed), length);
  }

  public Set<Capability> requires() {
    return create(0, Duration.ZERO).requires();
  }

  /** Returns those that a cluster lets be done to it. */
  public static List<FaultKind> possibleWith(Set<Capability> capabilities) {
    return Arrays.stream(values())
        .filter(kind -> capabilities.containsAll(kind.requires()))
        .toList();
  }
}
