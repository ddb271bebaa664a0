package io.leasehold.core.command;

import java.util.Arrays;

/** An immutable list of lease IDs, kept as primitives because expiry moves them by the thousand. */
public final class LeaseIds {
  private final long[] ids;

  private LeaseIds(long[] ids) {
    if (ids.length > Command.IDS_MAX) {
      throw new IllegalArgumentException(
          "a command carries at most " + Command.IDS_MAX + " lease IDs, not " + ids.length);
    }
    this.ids = ids;
  }

  /** Returns the list of the given IDs, which it copies. */
  public static LeaseIds of(long... ids) {
    return new LeaseIds(ids.clone());
  }

  public int size() {
    return ids.length;
  }

  public long get(int position) {
    return ids[position];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LeaseIds that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
