package io.leasehold.server.route;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyRefusal;

/**
 * The leader, as a member sees it that needs something of it: this member itself or the stream to
 * another.
 *
 * <p>Any thread may call; nothing blocks. Each answer is called exactly once, from any thread,
 * possibly before the method returns, and must not block.
 */
public interface Leader {
  /** Renews a lease. */
  void renew(long leaseId, RenewalAnswer answer);

  /**
   * Renews leases, each by itself: of some it may be told earlier than of others.
   *
   * @param leaseIds not to be changed any more
   */
  void renewAll(long[] leaseIds, BatchAnswer answer);

  /** Asks how much time a lease has left. */
  void remaining(long leaseId, RemainingAnswer answer);

  /** Proposes a grant in {@code term} or not at all. */
  void grant(long term, long leaseId, long ttlMillis, ProposalAnswer answer);

  /** Proposes a revoke in {@code term} or not at all. */
  void revoke(long term, long leaseId, ProposalAnswer answer);

  /**
   * Proposes a command on keys or alarms in {@code term} or not at all.
   *
   * @param bytes size of the command, roughly
   */
  void propose(long term, Command command, int bytes, OutcomeAnswer answer);

  /** What became of a renewal. */
  interface RenewalAnswer {
    /** The lease lives for its full TTL from a moment after it was asked; proven (rule S6). */
    void renewed(long ttlMillis);

    /** There is no such lease, as of a moment after it was asked. */
    void notFound();

    /** Nothing was promised; asking again, anyone, is safe. */
    void tryAgain();
  }

  /** What became of the renewals of a batch. */
  interface BatchAnswer {
    /**
     * Told of each position exactly once, in as many parts as it takes: unlike other answers this
     * one may come several times, at the same time, too.
     */
    void answered(BatchPart part);
  }

  /** How much time a lease has left. */
  interface RemainingAnswer {
    void remaining(long remainingMillis, long ttlMillis);

    /** There is no such lease, as of a moment after it was asked. */
    void notFound();

    /** Nothing is known; asking again, anyone, is safe. */
    void tryAgain();
  }

  /** A proposal that cannot be said to have been applied. */
  interface NotApplied {
    /** It was certainly not appended; proposing it again, to anyone, is safe. */
    void tryAgain();

    /** Nobody knows whether it took, or will take, effect. */
    void unknown();
  }

  /** What became of the proposal of a grant or a revoke. */
  interface ProposalAnswer extends NotApplied {
    /** It took effect in the log entry at {@code index}. */
    void done(long index);

    /**
     * It was applied at {@code index} and changed nothing: the ID of a grant is taken, the lease of
     * a revoke does not exist.
     */
    void refused(long index);

    /** It was applied at {@code index} and changed nothing, because an alarm forbids it. */
    void forbidden(long index, KeyRefusal why);
  }

  /** What became of the proposal of any other command. */
  interface OutcomeAnswer extends NotApplied {
    /** It was applied in the log entry at {@code index}. */
    void applied(long index, Outcome outcome);
  }
}
