package io.leasehold.jepsen.cluster;

/** What a cluster lets be done to it. Faults name what they need. */
public enum Capability {
  /** Single members can be killed, paused, stopped and started. */
  PROCESSES,

  /** Single members can be cut off from all others, both ways. */
  ISOLATION,

  /** Single directions between members can be cut. */
  CUTS,

  /** A member that lost its data can take its old place with an empty directory. */
  REPLACEMENT,

  /** Log and snapshots lie where Leasehold keeps them. */
  LEASEHOLD_FILES,

  /** Each member has a disk of its own that can be filled or shut down. */
  DISKS,

  /** Wall clocks of single members can be moved while they run. */
  WALL_CLOCKS,

  /** What single members sync can be delayed, or refused. */
  SYNCS,

  /** Packets between members can be lost, or come through slowly. */
  LINKS,

  /** Packets between members can be delayed. */
  DELAYS
}
