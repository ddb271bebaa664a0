package io.leasehold.jepsen.history;

import java.util.List;

/** What a client asked for. */
public sealed interface Request {

  /** A part of a transaction, or a request of its own. */
  sealed interface OnKeys extends Request {}

  /** What asks about one lease that is known by its ID. */
  sealed interface OnLease extends Request {
    long leaseId();
  }

  /**
   * A new lease.
   *
   * @param leaseId 0 for one that the cluster chooses
   */
  record Grant(long leaseId, long ttlSeconds) implements Request {}

  record Renew(long leaseId) implements OnLease {}

  record Revoke(long leaseId) implements OnLease {}

  record TimeToLive(long leaseId, boolean keys) implements OnLease {}

  /**
   * All leases.
   *
   * @param linearizable whether this server answers with no less than what was acknowledged before;
   *     etcd does not
   */
  record ListLeases(boolean linearizable) implements Request {}

  /**
   * Writes a key.
   *
   * @param value unique in its run, so that a change can be traced to its request
   * @param leaseId 0 for none
   */
  record Put(String key, String value, long leaseId, boolean previous) implements OnKeys {}

  /** Deletes. */
  record Delete(KeyRange range, boolean previous) implements OnKeys {}

  /**
   * Reads.
   *
   * @param revision 0 for the latest
   * @param limit 0 for none
   */
  record Range(
      KeyRange range,
      long revision,
      boolean serializable,
      long limit,
      boolean countOnly,
      Order order)
      implements OnKeys {
    /** The latest of one key, linearizable. */
    public static Range of(String key) {
      return of(KeyRange.one(key));
    }

    /** The latest of these keys, linearizable. */
    public static Range of(KeyRange range) {
      return new Range(range, 0, false, 0, false, Order.KEY);
    }
  }

  /** How the keys of a range are sorted. */
  enum Order {
    KEY,
    CREATE_ASCENDING,
    CREATE_DESCENDING,
    MOD_ASCENDING,
    MOD_DESCENDING
  }

  /** All guards hold: the one branch; else the other. */
  record Txn(List<Guard> guards, List<OnKeys> then, List<OnKeys> otherwise) implements OnKeys {
    public Txn {
      guards = List.copyOf(guards);
      then = List.copyOf(then);
      otherwise = List.copyOf(otherwise);
    }

    public List<OnKeys> branch(boolean succeeded) {
      return succeeded ? then : otherwise;
    }
  }

  /**
   * A comparison with what a key is; one that is not there counts as 0, and its value compares to
   * nothing.
   *
   * @param number what is compared with, unless it is the value
   * @param value what the value is compared with
   */
  record Guard(String key, Target target, Relation relation, long number, String value) {
    public static Guard created(String key, Relation relation, long revision) {
      return new Guard(key, Target.CREATE, relation, revision, "");
    }

    public static Guard modified(String key, Relation relation, long revision) {
      return new Guard(key, Target.MOD, relation, revision, "");
    }

    public static Guard value(String key, Relation relation, String value) {
      return new Guard(key, Target.VALUE, relation, 0, value);
    }
  }

  /** What of a key a guard looks at. */
  enum Target {
    VERSION,
    CREATE,
    MOD,
    VALUE,
    LEASE
  }

  /** How a guard compares. */
  enum Relation {
    EQUAL,
    NOT_EQUAL,
    LESS,
    GREATER
  }

  /** Forgets the history of keys before a revision. */
  record Compact(long revision) implements Request {}

  /** Waits for a lock and takes it; the key hangs on the lease. */
  record Acquire(String lock, long leaseId) implements OnLease {}

  /** Gives a lock back: deletes its key. */
  record Release(String lock, String lockKey, long token) implements Request {}
}
