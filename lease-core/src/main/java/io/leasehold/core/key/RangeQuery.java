package io.leasehold.core.key;

/**
 * A question for keys.
 *
 * @param revision the revision to look at; 0 or less means the newest
 * @param limit the greatest number of keys wanted, after filtering and sorting; 0 or less for all
 * @param minModRevision as the other three, a filter when not 0
 * @param keysOnly leave the values out
 * @param countOnly leave the keys out too
 */
public record RangeQuery(
    KeyRange range,
    long revision,
    long limit,
    SortTarget sortTarget,
    SortOrder sortOrder,
    long minModRevision,
    long maxModRevision,
    long minCreateRevision,
    long maxCreateRevision,
    boolean keysOnly,
    boolean countOnly) {

  /** What to sort by; ties keep the order of keys. */
  public enum SortTarget {
    KEY,
    VERSION,
    CREATE,
    MOD,
    VALUE
  }

  /** {@code NONE} with a target other than the key means ascending, as in etcd. */
  public enum SortOrder {
    NONE,
    ASCEND,
    DESCEND
  }

  /** Returns the question for everything in a range, newest revision, in order of keys. */
  public static RangeQuery all(KeyRange range) {
    return new RangeQuery(range, 0, 0, SortTarget.KEY, SortOrder.NONE, 0, 0, 0, 0, false, false);
  }
}
