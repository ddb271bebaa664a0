package io.leasehold.bench.etcd;

import java.util.ArrayList;
import java.util.List;

/**
 * Leases whose IDs follow each other, so that an answer's ID says which of them it is.
 *
 * @param firstId ID of the first
 */
public record LeaseRange(long firstId, int count) {
  /** So large that every ID of the range takes as many bytes on the wire as the next. */
  private static final long LARGE = 1L << 62;

  /** Ranges begin at such distances that none reaches into the next. */
  private static final int COUNT_MAX = 1 << 24;

  public LeaseRange {
    if (count < 1 || count > COUNT_MAX) {
      throw new IllegalArgumentException(count + " leases");
    }
  }

  /**
   * Returns a range that no other has any lease of.
   *
   * @param number which range of this run it is
   * @param run a random number of this run
   */
  public static LeaseRange numbered(int run, int number, int count) {
    long runBits = (run & 0x3fff_ffffL) << 32;
    return new LeaseRange(LARGE + runBits + Integer.toUnsignedLong(number) * COUNT_MAX, count);
  }

  public long id(int index) {
    return firstId + index;
  }

  /** Returns which lease has an ID. */
  public int index(long id) {
    return (int) (id - firstId);
  }

  /** Returns so many parts of it, which differ by one lease at most. */
  public List<LeaseRange> split(int parts) {
    if (parts < 1 || parts > count) {
      throw new IllegalArgumentException(count + " leases in " + parts + " parts");
    }
    List<LeaseRange> split = new ArrayList<>();
    int begin = 0;
    for (int i = 1; i <= parts; i++) {
      int end = (int) ((long) count * i / parts);
      split.add(new LeaseRange(firstId + begin, end - begin));
      begin = end;
    }
    return split;
  }
}
