/**
 * What a run recorded: operations, watched events, faults, and the harness's own stalls, as lines
 * of JSON. Start at {@link io.leasehold.jepsen.history.History}.
 *
 * <p>All times are nanoseconds of one monotonic clock of the harness, counted from the run's start.
 * Values are immutable; only {@link io.leasehold.jepsen.history.HistoryWriter} is for many threads.
 */
@NullMarked
package io.leasehold.jepsen.history;

import org.jspecify.annotations.NullMarked;
