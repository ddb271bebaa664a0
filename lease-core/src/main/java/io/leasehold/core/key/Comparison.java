package io.leasehold.core.key;

/**
 * A condition of a transaction: every key in the range satisfies it. A range without keys counts as
 * one key whose numbers are all 0 and which no comparison of values ever satisfies.
 *
 * @param number what to compare with, for all targets but the value
 * @param value what to compare with, when the target is the value; else empty
 */
public record Comparison(
    KeyRange range, Target target, Relation relation, long number, Bytes value) {

  /** What of a key is compared. */
  public enum Target {
    VERSION,
    CREATE,
    MOD,
    VALUE,
    LEASE
  }

  /** How the key's must stand to the given. */
  public enum Relation {
    EQUAL,
    GREATER,
    LESS,
    NOT_EQUAL
  }
}
