package io.leasehold.server.route;

/** Why a routed request got no answer from a leader. */
public enum RequestFailure {
  /** No leader was known when the deadline passed. */
  NO_LEADER,
  /** The deadline passed; nothing was changed. */
  TIMED_OUT,
  /** The deadline passed; the change may have taken, or may yet take, effect. */
  UNKNOWN_OUTCOME,
  /** The change took effect, but this member did not catch up with it before the deadline. */
  APPLY_TIMED_OUT,
  /** Too many requests wait already. */
  OVERLOADED,
  /** The member is stopping. */
  STOPPING
}
