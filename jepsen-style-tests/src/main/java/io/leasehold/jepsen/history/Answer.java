package io.leasehold.jepsen.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client was told by an operation that was executed. */
public sealed interface Answer {

  /** A new lease, and the TTL that it has. */
  record Granted(long leaseId, long ttlSeconds) implements Answer {}

  /** What is left of the lease; 0 says that it is gone. */
  record Renewed(long ttlSeconds) implements Answer {
    public boolean isAlive() {
      return ttlSeconds > 0;
    }
  }

  /** The lease was ended. */
  record Revoked() implements Answer {}

  /**
   * How long the lease lives if nobody renews it.
   *
   * @param remainingSeconds -1 together with a TTL of 0 says that the lease is gone
   * @param keys empty unless they were asked for
   */
  record TimeLeft(long remainingSeconds, long ttlSeconds, List<String> keys) implements Answer {
    public TimeLeft {
      keys = List.copyOf(keys);
    }

    public boolean isAlive() {
      return remainingSeconds > 0;
    }

    /** What is due but not ended yet, some servers show with a negative rest. It is not gone. */
    public boolean isGone() {
      return remainingSeconds < 0 && ttlSeconds == 0;
    }
  }

  /** The leases that there are. */
  record Leases(List<Long> ids) implements Answer {
    public Leases {
      ids = List.copyOf(ids);
    }
  }

  /** The key was written. */
  record Written(@Nullable KeyValue previous) implements Answer {}

  /** So many keys were deleted. */
  record Deleted(long count, List<KeyValue> previous) implements Answer {
    public Deleted {
      previous = List.copyOf(previous);
    }
  }

  /**
   * What was read.
   *
   * @param count of the keys in the range, whatever the limit
   */
  record Ranged(List<KeyValue> found, long count, boolean more) implements Answer {
    public Ranged {
      found = List.copyOf(found);
    }
  }

  /**
   * What the transaction did.
   *
   * @param parts one for each request of the branch that was taken
   */
  record Decided(boolean succeeded, List<Answer> parts) implements Answer {
    public Decided {
      parts = List.copyOf(parts);
    }
  }

  /** History was forgotten. */
  record Compacted() implements Answer {}

  /**
   * The lock is held.
   *
   * @param token the fencing token: the create revision of the lock's key
   * @param heldRevision a revision at which the client was told that it holds the lock; 0 if
   *     unknown
   */
  record Acquired(String lockKey, long token, long heldRevision) implements Answer {}

  /** The lock was given back. */
  record Released() implements Answer {}
}
