/**
 * Judges a recorded history: one class for each property. Start at {@link
 * io.leasehold.jepsen.check.Judge}.
 *
 * <p>Checkers are stateless; they read no clock and touch no cluster. Each runs in time linear in
 * the history, but for the search in {@link io.leasehold.jepsen.check.Linearizability}, which has a
 * budget.
 */
@NullMarked
package io.leasehold.jepsen.check;

import org.jspecify.annotations.NullMarked;
