package io.leasehold.core.log;

import io.leasehold.core.command.Command;

/**
 * The replicated log, as seen by whoever proposes commands on the leader.
 *
 * <p>Commands proposed by one thread for one term are committed in the order in which they were
 * proposed, or not at all; the lessor relies on that when it clears a checkpoint.
 */
public interface CommandLog {
  /**
   * Proposes a command that is to be appended only while this member leads {@code term}. Never
   * blocks, never throws. The callback is called exactly once, from any thread, possibly before
   * this method returns; it must not block.
   */
  void propose(Command command, long term, Callback callback);

  /** Receives what became of one proposed command. */
  @FunctionalInterface
  interface Callback {
    void complete(ProposalResult result);
  }
}
