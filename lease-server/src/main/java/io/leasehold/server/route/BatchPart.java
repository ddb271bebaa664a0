package io.leasehold.server.route;

/**
 * What a leader says in one go about leases of a batch. Each of the three kinds is a list of
 * positions in the batch that was asked for.
 *
 * <p>Handed over with what it holds: nobody adds to it afterwards.
 *
 * @param renewed live for their full TTL from a moment after they were asked for; proven (rule S6)
 * @param ttlMillisMin the shortest TTL of those renewed
 * @param notFound do not exist, as of a moment after they were asked for
 * @param tryAgain nothing was promised; asking again, anyone, is safe
 */
public record BatchPart(
    Positions renewed, long ttlMillisMin, Positions notFound, Positions tryAgain) {

  public static BatchPart renewed(Positions renewed, long ttlMillisMin) {
    return new BatchPart(renewed, ttlMillisMin, new Positions(), new Positions());
  }

  public static BatchPart notFound(Positions notFound) {
    return new BatchPart(new Positions(), Long.MAX_VALUE, notFound, new Positions());
  }

  public static BatchPart tryAgain(Positions tryAgain) {
    return new BatchPart(new Positions(), Long.MAX_VALUE, new Positions(), tryAgain);
  }

  /** Returns how many leases it tells of. */
  public int size() {
    return renewed.size() + notFound.size() + tryAgain.size();
  }
}
