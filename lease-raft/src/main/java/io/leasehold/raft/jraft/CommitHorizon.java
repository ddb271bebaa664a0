package io.leasehold.raft.jraft;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How far anybody may have seen the log to be committed: the largest index that a follower was told
 * of, or that this member's own readers can see the effect of. It is moved before either comes
 * about, so a read that reaches it misses nothing that an earlier read has shown, here or on
 * another member. Any thread.
 */
final class CommitHorizon {
  private final AtomicLong index = new AtomicLong();

  /** Entries up to {@code seen} are about to be seen to be committed. */
  void reaches(long seen) {
    if (seen > index.get()) {
      index.accumulateAndGet(seen, Math::max);
    }
  }

  long index() {
    return index.get();
  }
}
