package io.leasehold.server.watch;

/** Why a watcher was not created. */
public enum WatchRefusal {
  /** The start revision is negative. */
  NEGATIVE_START,
  /** The stream has a watcher of that ID. */
  DUPLICATE_ID,
  /** No key can be in the range. */
  EMPTY_RANGE,
  /** This member has as many watchers as it takes. */
  TOO_MANY_WATCHERS
}
