package io.leasehold.jepsen.check;

/** How long a client of a lock takes itself for the holder. */
public enum Belief {
  /**
   * Until its lease's TTL, counted from when it sent the last acknowledged renewal, runs out on its
   * own clock.
   */
  UNTIL_DEADLINE,
  /** Until it gives the lock back, however long ago it renewed. The negative control. */
  UNTIL_RELEASE
}
