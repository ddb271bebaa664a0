package io.leasehold.jepsen.run;

import static io.leasehold.jepsen.nemesis.FaultKind.*;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.nemesis.FaultKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Faults that belong together, by one name; the names of single faults, with commas between them,
 * are groups too.
 *
 * @param kinds from which chance chooses; none for a run in which nothing breaks
 */
record FaultGroup(String name, List<FaultKind> kinds) {
  private static final String CLOCK_RATE = "clock-rate";
  private static final Map<String, List<FaultKind>> NAMED = new LinkedHashMap<>();

  /**
   * Which break at most one member at a time, or nothing that leases are timed by, so that no
   * renewing client may notice.
   */
  private static final Set<FaultKind> OF_A_MINORITY =
      EnumSet.of(
          KILL_ONE,
          KILL_LEADER,
          PAUSE_ONE,
          PAUSE_LEADER,
          STOP_ONE,
          STOP_LEADER,
          ROLLING_RESTART,
          PARTITION_HALF,
          PARTITION_ONE,
          PARTITION_LEADER,
          PARTITION_LEADER_HALF,
          WIPE_ONE,
          FLIP_LOG,
          FLIP_SNAPSHOT,
          DISK_FULL_ONE,
          POWER_CUT_ONE,
          CLOCK_JUMP_ONE,
          CLOCK_JUMP_LEADER,
          CLOCK_JUMP_ALL,
          SLOW_DISK_ONE,
          SLOW_DISK_LEADER,
          FAILING_DISK_ONE,
          FAILING_DISK_LEADER,
          LATE_LINKS_LEADER,
          LATE_LINKS_ALL);

  private static final Set<FaultKind> OF_ALL =
      EnumSet.of(KILL_ALL, PAUSE_ALL, STOP_ALL, POWER_CUT_ALL);

  /** Through which every process lives. */
  private static final Set<FaultKind> WITHOUT_STARTS =
      EnumSet.of(
          PAUSE_ONE,
          PAUSE_LEADER,
          PAUSE_ALL,
          LEADER_TRANSFERS,
          PARTITION_HALF,
          PARTITION_ONE,
          PARTITION_LEADER,
          PARTITION_LEADER_HALF,
          PARTITION_LEADER_MUTE,
          PARTITION_LEADER_DEAF,
          PARTITION_BRIDGE,
          PARTITION_RING,
          CLOCK_JUMP_ONE,
          CLOCK_JUMP_LEADER,
          CLOCK_JUMP_ALL,
          SLOW_DISK_ONE,
          SLOW_DISK_LEADER,
          LOSSY_LINKS_LEADER,
          LOSSY_LINKS_ALL,
          SLOW_LINKS_LEADER,
          SLOW_LINKS_ALL,
          LATE_LINKS_LEADER,
          LATE_LINKS_ALL);

  static {
    NAMED.put("none", List.of());
    NAMED.put("leader-kill", List.of(KILL_LEADER));
    NAMED.put("kill", List.of(KILL_LEADER, KILL_ONE));
    NAMED.put("pause", List.of(PAUSE_LEADER, PAUSE_ONE));
    NAMED.put("partition", startingWith("PARTITION"));
    NAMED.put("restart-all", List.of(KILL_ALL, STOP_ALL));
    NAMED.put("rolling-restart", List.of(ROLLING_RESTART));
    NAMED.put("one-member", List.of(KILL_LEADER, PAUSE_LEADER, PARTITION_LEADER, ROLLING_RESTART));
    NAMED.put("leader-transfer", List.of(LEADER_TRANSFERS));
    NAMED.put("data-loss", List.of(WIPE_ONE, FLIP_LOG));
    NAMED.put("disk-full", List.of(DISK_FULL_ONE, DISK_FULL_LEADER));
    NAMED.put("power-cut", List.of(POWER_CUT_ONE, POWER_CUT_ALL));
    NAMED.put("clock", List.of(CLOCK_JUMP_ONE, CLOCK_JUMP_LEADER, CLOCK_JUMP_ALL));
    NAMED.put(CLOCK_RATE, List.of(KILL_LEADER, PAUSE_LEADER, LEADER_TRANSFERS));
    NAMED.put("slow-disk", List.of(SLOW_DISK_ONE, SLOW_DISK_LEADER));
    NAMED.put("failing-disk", List.of(FAILING_DISK_ONE, FAILING_DISK_LEADER));
    NAMED.put(
        "slow-network",
        List.of(
            LOSSY_LINKS_LEADER,
            LOSSY_LINKS_ALL,
            SLOW_LINKS_LEADER,
            SLOW_LINKS_ALL,
            LATE_LINKS_LEADER,
            LATE_LINKS_ALL));
    List<FaultKind> mixed =
        new ArrayList<>(
            List.of(
                KILL_ONE,
                KILL_LEADER,
                KILL_ALL,
                PAUSE_ONE,
                PAUSE_LEADER,
                PAUSE_ALL,
                STOP_LEADER,
                ROLLING_RESTART,
                LEADER_TRANSFERS,
                WIPE_ONE,
                CLOCK_JUMP_ONE,
                CLOCK_JUMP_LEADER,
                SLOW_DISK_ONE,
                SLOW_DISK_LEADER,
                LOSSY_LINKS_LEADER,
                SLOW_LINKS_LEADER));
    mixed.addAll(startingWith("PARTITION"));
    NAMED.put("mixed", List.copyOf(mixed));
  }

  FaultGroup {
    kinds = List.copyOf(kinds);
  }

  private static List<FaultKind> startingWith(String prefix) {
    return Arrays.stream(FaultKind.values())
        .filter(kind -> kind.name().startsWith(prefix))
        .toList();
  }

  static List<String> names() {
    return List.copyOf(NAMED.keySet());
  }

  /**
   * Returns the group of a name.
   *
   * @throws IllegalArgumentException with the names that there are, if there is none
   */
  static FaultGroup of(String name) {
    List<FaultKind> named = NAMED.get(name);
    if (named != null) {
      return new FaultGroup(name, named);
    }
    List<FaultKind> kinds = new ArrayList<>();
    for (String each : name.split(",", -1)) {
      try {
        kinds.add(FaultKind.valueOf(each.toUpperCase(Locale.ROOT).replace('-', '_')));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "faults "
                + name
                + ": choose one of "
                + String.join(", ", NAMED.keySet())
                + ", or any of "
                + Arrays.toString(FaultKind.values()),
            e);
      }
    }
    return new FaultGroup(name, kinds);
  }

  /** Whether chance is to choose from it as far as that is possible; single faults are wanted. */
  boolean isNamed() {
    return NAMED.containsKey(name);
  }

  /** Returns what of it can be done to a program of which only the processes are known. */
  FaultGroup ofAnyProgram() {
    return new FaultGroup(
        name,
        kinds.stream()
            .filter(kind -> !kind.requires().contains(Capability.REPLACEMENT))
            .filter(kind -> !kind.requires().contains(Capability.LEASEHOLD_FILES))
            .filter(kind -> !kind.requires().contains(Capability.WALL_CLOCKS))
            .filter(kind -> !kind.requires().contains(Capability.SYNCS))
            .toList());
  }

  /** Returns what of it can be done without some capability. */
  FaultGroup without(Capability capability) {
    return without(Set.of(capability));
  }

  /** Returns what of it can be done without any of some capabilities. */
  FaultGroup without(Set<Capability> capabilities) {
    return new FaultGroup(
        name,
        kinds.stream()
            .filter(kind -> Collections.disjoint(kind.requires(), capabilities))
            .toList());
  }

  boolean needs(Capability capability) {
    return kinds.stream().anyMatch(kind -> kind.requires().contains(capability));
  }

  /** Whether members' clocks are to run at different rates all the time. */
  boolean hasClockRates() {
    return name.equals(CLOCK_RATE);
  }

  /** Whether it is about clocks, so that members' monotonic clocks are to begin far apart too. */
  boolean isAboutClocks() {
    return hasClockRates() || needs(Capability.WALL_CLOCKS);
  }

  boolean needsCuts() {
    return needs(Capability.CUTS) || needs(Capability.ISOLATION);
  }

  boolean needsDisks() {
    return needs(Capability.DISKS);
  }

  boolean isOfAMinority() {
    return OF_A_MINORITY.containsAll(kinds);
  }

  boolean startsMembers() {
    return kinds.stream().anyMatch(FaultGroup::startsMembers);
  }

  static boolean startsMembers(FaultKind kind) {
    return !WITHOUT_STARTS.contains(kind);
  }

  static boolean isOfAll(FaultKind kind) {
    return OF_ALL.contains(kind);
  }

  boolean changesLeaders() {
    return !kinds.isEmpty()
        && !needs(Capability.WALL_CLOCKS)
        && !needs(Capability.SYNCS)
        && !needs(Capability.LINKS)
        && !needs(Capability.DELAYS)
        && kinds.stream().allMatch(kind -> kind.name().contains("LEADER"));
  }
}
