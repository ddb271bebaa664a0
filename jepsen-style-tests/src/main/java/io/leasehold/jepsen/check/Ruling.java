package io.leasehold.jepsen.check;

/** What a checker says about a history. */
public enum Ruling {
  /** The property holds in all that was recorded. */
  OK,
  /** Recorded operations prove that it does not. */
  VIOLATED,
  /** It cannot be told: the history is incomplete, or the search ended at its budget. */
  UNKNOWN,
  /** Nothing was recorded that the property speaks about. */
  NOT_APPLICABLE,
  /** What had to happen in the run did not, so that it proves nothing. */
  INVALID
}
