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
    /** The revision at which the key came to be. */
    CREATE_REVISION,
    /** The revision of its last change. */
    MOD_REVISION,
    /** How often it was written since it came to be. */
    VERSION,
    /** The ID of the lease it hangs on. */
    LEASE,
    /** Its value, byte by byte. */
    VALUE
  }

  /** How it must compare with what is given. */
  public enum Relation {
    /** It is the same. */
    EQUAL,
    /** It is another. */
    NOT_EQUAL,
    /** The key's is greater than what is given. */
    GREATER,
    /** The key's is less than what is given. */
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
