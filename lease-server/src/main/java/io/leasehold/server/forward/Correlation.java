package io.leasehold.server.forward;

import io.leasehold.server.route.LeaseRouter;

/**
 * Correlation numbers of a follower: of one request its slot, of a lease in a client's batch the
 * batch's slot and the lease's position. The lowest bit tells them apart. Slots are used again, the
 * last one first, so the numbers stay small and short on the wire.
 */
final class Correlation {
  /** Room for every position of the largest batch. */
  private static final int POSITION_BITS =
      Integer.SIZE - Integer.numberOfLeadingZeros(LeaseRouter.BATCH_LEASES_MAX - 1);

  private static final int POSITION_MASK = (1 << POSITION_BITS) - 1;

  private static final long OF_BATCH = 1;

  private Correlation() {}

  static long ofOne(int slot) {
    return (long) slot << 1;
  }

  static long ofBatch(int slot, int position) {
    return ((((long) slot << POSITION_BITS) | position) << 1) | OF_BATCH;
  }

  static boolean isOfBatch(long correlation) {
    return (correlation & OF_BATCH) != 0;
  }

  static long slotOfOne(long correlation) {
    return correlation >>> 1;
  }

  static long slotOfBatch(long correlation) {
    return correlation >>> (1 + POSITION_BITS);
  }

  static int position(long correlation) {
    return ((int) (correlation >>> 1)) & POSITION_MASK;
  }
}
