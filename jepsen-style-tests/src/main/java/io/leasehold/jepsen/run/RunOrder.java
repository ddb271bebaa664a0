package io.leasehold.jepsen.run;

import io.leasehold.jepsen.cluster.Backend;
import io.leasehold.jepsen.cluster.Target;
import java.util.Locale;

/**
 * What run is wanted, as few words as are needed to say it again.
 *
 * @param seconds for which clients act and faults come; what is read before and after takes more
 * @param checkpointSeconds how long leases go unrenewed before their remaining time is recorded
 * @param snapshotCount log entries after which members take a snapshot
 */
record RunOrder(
    String workload,
    String faults,
    int seconds,
    long seed,
    int size,
    Backend backend,
    Target target,
    int checkpointSeconds,
    int snapshotCount) {
  static final int CHECKPOINT_SECONDS = 5;
  static final int SNAPSHOT_COUNT = 2000;
  private static final int SECONDS_MIN = 10;

  RunOrder {
    if (seconds < SECONDS_MIN) {
      throw new IllegalArgumentException("seconds " + seconds + ": choose at least " + SECONDS_MIN);
    }
  }

  RunOrder withWorkload(String other) {
    return new RunOrder(
        other, faults, seconds, seed, size, backend, target, checkpointSeconds, snapshotCount);
  }

  /** Other faults, on the backend that can do them; containers stay containers. */
  RunOrder withFaults(String other) {
    Backend able = backend == Backend.CONTAINERS ? backend : backendFor(other);
    return new RunOrder(
        workload, other, seconds, seed, size, able, target, checkpointSeconds, snapshotCount);
  }

  /** Returns the backend of processes that can do such faults. */
  static Backend backendFor(String faults) {
    return FaultGroup.of(faults).needsCuts() ? Backend.NETNS : Backend.PROCESS;
  }

  RunOrder withSeconds(int other) {
    return new RunOrder(
        workload, faults, other, seed, size, backend, target, checkpointSeconds, snapshotCount);
  }

  RunOrder withSeed(long other) {
    return new RunOrder(
        workload, faults, seconds, other, size, backend, target, checkpointSeconds, snapshotCount);
  }

  RunOrder withTarget(Target other) {
    return new RunOrder(
        workload, faults, seconds, seed, size, backend, other, checkpointSeconds, snapshotCount);
  }

  /** Returns the command that does it again; processes and networks are never quite the same. */
  String command() {
    return ("./jepsen-style-tests/jepsen run --workload %s --faults %s --seconds %d --seed %d"
            + " --size %d --backend %s --target %s --checkpoint-seconds %d --snapshot-count %d")
        .formatted(
            workload,
            faults,
            seconds,
            seed,
            size,
            backend.name().toLowerCase(Locale.ROOT),
            target.name().toLowerCase(Locale.ROOT),
            checkpointSeconds,
            snapshotCount);
  }
}
