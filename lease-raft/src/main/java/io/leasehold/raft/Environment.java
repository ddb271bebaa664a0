package io.leasehold.raft;

import io.leasehold.core.time.NanoClock;
import io.leasehold.core.time.RandomSource;
import io.leasehold.raft.time.SecureRandomSource;
import io.leasehold.raft.time.SystemNanoClock;

/**
 * What a member finds around it and has no say in: time, chance, and the way to the others. Any
 * thread.
 *
 * @param clock by which members hear or do not hear from one another, and calls time out
 * @param leaseClock by which leases last. It never goes backwards; it may run ahead of the other,
 *     or stand still for a while and catch up, since no instant of one is compared with one of the
 *     other
 */
public record Environment(
    NanoClock clock, NanoClock leaseClock, RandomSource random, PeerRoutes routes) {

  /** Returns the environment of a member that has a process to itself. */
  public static Environment ofProcess() {
    NanoClock clock = new SystemNanoClock();
    return new Environment(clock, clock, new SecureRandomSource(), PeerRoutes.DIRECT);
  }
}
