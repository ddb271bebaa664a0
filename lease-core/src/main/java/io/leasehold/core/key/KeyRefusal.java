package io.leasehold.core.key;

/** Why a command on keys was refused; nothing of it took effect. */
public enum KeyRefusal {
  /** A put names a lease that does not exist. */
  LEASE_NOT_FOUND,
  /** A put wants to keep the value or the lease of a key that does not exist. */
  KEY_NOT_FOUND,
  /** The revision asked for is below the last compaction. */
  COMPACTED,
  /** The revision asked for has not come yet. */
  FUTURE_REVISION,
  /** It reads, changes or answers more than a member has memory for. */
  TOO_LARGE,
  /** As {@link #TOO_LARGE}, but only together with what came in the same log entry. */
  TOO_MUCH_AT_ONCE,
  /** An alarm says that the quota is used up; deleting is still possible. */
  NO_SPACE,
  /** An alarm says that members differ; nothing that a client asks for is carried out. */
  CORRUPT
}
