package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.nemesis.LossFault.Part;
import io.leasehold.jepsen.nemesis.OutageFault.Manner;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The faults there are, by the names that plans and reports use. */
public enum FaultKind {
  KILL_ONE,
  KILL_LEADER,
  KILL_ALL,
  PAUSE_ONE,
  PAUSE_LEADER,
  PAUSE_ALL,
  STOP_ONE,
  STOP_LEADER,
  STOP_ALL,
  ROLLING_RESTART,
  LEADER_TRANSFERS,
  PARTITION_HALF,
  PARTITION_ONE,
  PARTITION_LEADER,
  PARTITION_LEADER_HALF,
  PARTITION_LEADER_MUTE,
  PARTITION_LEADER_DEAF,
  PARTITION_BRIDGE,
  PARTITION_RING,
  WIPE_ONE,
  FLIP_LOG,
  FLIP_SNAPSHOT,
  DISK_FULL_ONE,
  DISK_FULL_LEADER,
  POWER_CUT_ONE,
  POWER_CUT_ALL,
  CLOCK_JUMP_ONE,
  CLOCK_JUMP_LEADER,
  CLOCK_JUMP_ALL,
  SLOW_DISK_ONE,
  SLOW_DISK_LEADER,
  FAILING_DISK_ONE,
  FAILING_DISK_LEADER,
  LOSSY_LINKS_LEADER,
  LOSSY_LINKS_ALL,
  SLOW_LINKS_LEADER,
  SLOW_LINKS_ALL,
  LATE_LINKS_LEADER,
  LATE_LINKS_ALL;

  /**
   * Makes a fault.
   *
   * @param seed of what is left to chance
   * @param length how long those go on that do something all the time
   */
  public Fault create(long seed, Duration length) {
    Random random = new Random(seed);
    return switch (this) {
      case KILL_ONE -> new OutageFault(Manner.KILLED, Victims.ONE, random);
      case KILL_LEADER -> new OutageFault(Manner.KILLED, Victims.LEADER, random);
      case KILL_ALL -> new OutageFault(Manner.KILLED, Victims.ALL, random);
      case PAUSE_ONE -> new OutageFault(Manner.FROZEN, Victims.ONE, random);
      case PAUSE_LEADER -> new OutageFault(Manner.FROZEN, Victims.LEADER, random);
      case PAUSE_ALL -> new OutageFault(Manner.FROZEN, Victims.ALL, random);
      case STOP_ONE -> new OutageFault(Manner.STOPPED, Victims.ONE, random);
      case STOP_LEADER -> new OutageFault(Manner.STOPPED, Victims.LEADER, random);
      case STOP_ALL -> new OutageFault(Manner.STOPPED, Victims.ALL, random);
      case ROLLING_RESTART -> new RollingRestart(random);
      case LEADER_TRANSFERS -> new LeaderTransfers(length, random);
      case PARTITION_HALF -> new PartitionFault(CutShape.HALF, false, random);
      case PARTITION_ONE -> new PartitionFault(CutShape.ISOLATED, false, random);
      case PARTITION_LEADER -> new PartitionFault(CutShape.ISOLATED, true, random);
      case PARTITION_LEADER_HALF -> new PartitionFault(CutShape.HALF, true, random);
      case PARTITION_LEADER_MUTE -> new PartitionFault(CutShape.MUTE, true, random);
      case PARTITION_LEADER_DEAF -> new PartitionFault(CutShape.DEAF, true, random);
      case PARTITION_BRIDGE -> new PartitionFault(CutShape.BRIDGE, false, random);
      case PARTITION_RING -> new PartitionFault(CutShape.RING, false, random);
      case WIPE_ONE -> new LossFault(Part.DIRECTORY, random);
      case FLIP_LOG -> new LossFault(Part.LOG, random);
      case FLIP_SNAPSHOT -> new LossFault(Part.SNAPSHOT, random);
      case DISK_FULL_ONE -> new DiskFull(Victims.ONE, random);
      case DISK_FULL_LEADER -> new DiskFull(Victims.LEADER, random);
      case POWER_CUT_ONE -> new PowerCut(Victims.ONE, random);
      case POWER_CUT_ALL -> new PowerCut(Victims.ALL, random);
      case CLOCK_JUMP_ONE -> new ClockJump(Victims.ONE, random);
      case CLOCK_JUMP_LEADER -> new ClockJump(Victims.LEADER, random);
      case CLOCK_JUMP_ALL -> new ClockJump(Victims.ALL, random);
      case SLOW_DISK_ONE -> new SlowDisk(Victims.ONE, random);
      case SLOW_DISK_LEADER -> new SlowDisk(Victims.LEADER, random);
      case FAILING_DISK_ONE -> new FailingDisk(Victims.ONE, random);
      case FAILING_DISK_LEADER -> new FailingDisk(Victims.LEADER, random);
      case LOSSY_LINKS_LEADER -> new BadLink(BadLink.Manner.LOSSY, Victims.LEADER, random);
      case LOSSY_LINKS_ALL -> new BadLink(BadLink.Manner.LOSSY, Victims.ALL, random);
      case SLOW_LINKS_LEADER -> new BadLink(BadLink.Manner.SLOW, Victims.LEADER, random);
      case SLOW_LINKS_ALL -> new BadLink(BadLink.Manner.SLOW, Victims.ALL, random);
      case LATE_LINKS_LEADER -> new BadLink(BadLink.Manner.LATE, Victims.LEADER, random);
      case LATE_LINKS_ALL -> new BadLink(BadLink.Manner.LATE, Victims.ALL, random);
    };
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
