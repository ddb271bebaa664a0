package io.leasehold.server.watch;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;

/**
 * What a watcher wants.
 *
 * @param startRevision the first revision wanted; 0 means whatever comes from now on
 * @param wantsPrevious events tell what the key was before
 * @param wantsProgress silence is broken now and then by word of how far the watcher is
 * @param mayFragment a large message may be cut into several
 */
public record WatchSpec(
    KeyRange range,
    long startRevision,
    boolean wantsPuts,
    boolean wantsDeletes,
    boolean wantsPrevious,
    boolean wantsProgress,
    boolean mayFragment) {

  /** Returns the wish for all changes of a range, without extras. */
  public static WatchSpec of(KeyRange range, long startRevision) {
    return new WatchSpec(range, startRevision, true, true, false, false, false);
  }

  boolean wants(KeyEvent event) {
    return event instanceof KeyEvent.Put ? wantsPuts : wantsDeletes;
  }
}
