/**
 * Watching keys: who hears of which change, exactly once and in order.
 *
 * <p>Entry class: {@link io.leasehold.server.watch.WatchHub}. Changes come from the apply thread,
 * wishes from event loops; everything about watchers happens on one dispatcher thread, so that
 * nothing here needs a lock but {@code RecentChanges}. Disk is read on the readers' threads only.
 *
 * <p>A watcher is either synced, and then hears of changes as they come, or behind, and then is a
 * revision and nothing else: what it has missed is read again, from memory or from disk, when its
 * stream takes more.
 */
@NullMarked
package io.leasehold.server.watch;

import org.jspecify.annotations.NullMarked;
