package io.leasehold.client;

/**
 * What must be true of a key for a {@link Txn} to take its first branch. A key that is not there
 * has all numbers 0 and no value.
 *
 * @param number what a numeric target is compared with; 0 otherwise
 * @param value what a value is compared with; empty otherwise
 */
public record Condition(Bytes key, Target target, Relation relation, long number, Bytes value) {
  /** What is compared. */
  public enum Target {
    CREATE_REVISION,
    MOD_REVISION,
    VERSION,
    LEASE,
    VALUE
  }

  /** How it must compare with what is given. */
  public enum Relation {
    EQUAL,
    NOT_EQUAL,
    GREATER,
    LESS
  }

  /** The key is not there. */
  public static Condition missing(Bytes key) {
    return createdAt(key, 0);
  }

  /** The key is there. */
  public static Condition exists(Bytes key) {
    return new Condition(key, Target.CREATE_REVISION, Relation.GREATER, 0, Bytes.empty());
  }

  /** The key came to be at a revision; with a lock's key and token: the lock is held. */
  public static Condition createdAt(Bytes key, long revision) {
    return new Condition(key, Target.CREATE_REVISION, Relation.EQUAL, revision, Bytes.empty());
  }

  /** The key was last changed at a revision. */
  public static Condition modifiedAt(Bytes key, long revision) {
    return new Condition(key, Target.MOD_REVISION, Relation.EQUAL, revision, Bytes.empty());
  }

  /** The key is there with a value. */
  public static Condition valueIs(Bytes key, Bytes value) {
    return new Condition(key, Target.VALUE, Relation.EQUAL, 0, value);
  }

  /** The key hangs on a lease; 0: on none. */
  public static Condition leaseIs(Bytes key, long leaseId) {
    return new Condition(key, Target.LEASE, Relation.EQUAL, leaseId, Bytes.empty());
  }
}
