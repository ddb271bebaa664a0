package io.leasehold.core.log;

import io.leasehold.core.command.Outcome;

/** What became of a proposed command. */
public sealed interface ProposalResult {

  /**
   * The command was committed and applied by this member.
   *
   * @param index log index of the entry that carried the command
   * @param outcome what applying it answered
   */
  record Applied(long index, Outcome outcome) implements ProposalResult {}

  /** The command was certainly not appended: proposing it again, anywhere, is safe. */
  record Rejected(Rejection reason) implements ProposalResult {}

  /**
   * Nobody here knows whether the command was, or will be, applied: leadership was lost or the
   * member stopped while it was under way.
   */
  record Unknown(String why) implements ProposalResult {}

  /** Why a command was certainly not appended. */
  enum Rejection {
    /** This member does not lead the term named in the proposal. */
    NOT_LEADER,
    /** Too much is in flight. */
    OVERLOADED,
    /** The member is stopping. */
    STOPPING
  }
}
