package io.leasehold.raft.propose;

import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.ProposalResult;
import java.nio.ByteBuffer;
import java.util.List;

/** The replicated log as a sequence of entries: what the batcher appends to. */
public interface EntryLog {
  /**
   * Appends an entry if this member leads {@code term}. Does not block. The callback is called
   * exactly once, from any thread; entries appended one after the other for one term are committed
   * in that order or not at all.
   */
  void append(ByteBuffer entry, long term, Callback done);

  /** Receives what became of one entry. */
  interface Callback {
    /** Committed and applied here; one outcome for each command, in order. */
    void applied(long index, List<Outcome> outcomes);

    /** Certainly not appended. */
    void rejected(ProposalResult.Rejection reason);

    /** May or may not be committed. */
    void unknown(String why);
  }
}
