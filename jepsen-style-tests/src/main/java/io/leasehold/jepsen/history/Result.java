package io.leasehold.jepsen.history;

/** What the client knows about its operation afterwards. */
public enum Result {
  /** It was executed, and the answer is at hand. */
  OK,
  /** It was certainly not executed. */
  FAIL,
  /** Nobody knows: it may have been executed, may never be, or may be later. */
  INFO
}
