package io.leasehold.raft.jraft.rpc;

import java.util.function.LongConsumer;

/** Answers for the leader how far the log may have been seen to be committed. */
@FunctionalInterface
public interface ReadIndexSource {
  /** This member does not know, since it cannot prove that it leads. */
  long UNKNOWN = -1;

  /**
   * Calls back with an index that covers whatever was visible to anybody before this call, or with
   * {@link #UNKNOWN}. Any thread; does not block.
   */
  void readIndex(LongConsumer done);
}
