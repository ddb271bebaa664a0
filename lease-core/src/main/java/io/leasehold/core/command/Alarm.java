package io.leasehold.core.command;

/** What a member may raise an alarm about. It counts for the whole cluster until it is ended. */
public enum Alarm {
  /** The quota for the state is used up: nothing that adds to it is taken. */
  NO_SPACE,
  /** Members were found to differ: nothing is served until somebody has looked. */
  CORRUPT
}
