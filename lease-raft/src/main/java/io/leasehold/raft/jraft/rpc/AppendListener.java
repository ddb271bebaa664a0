package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.util.Endpoint;

/** Hears what followers are sent and what they answer, while this member leads. Any thread. */
public interface AppendListener {
  /**
   * A request is about to be sent.
   *
   * @param committedIndex the entries that the follower will know to be committed by it
   */
  void sent(Endpoint follower, long committedIndex);

  /**
   * The follower has answered, and the replicator has taken that in.
   *
   * @param lastIndex the follower has stored the log up to here
   */
  void stored(Endpoint follower, long lastIndex);

  /** A request had no answer: what the follower knows is not known. */
  void lost(Endpoint follower);
}
