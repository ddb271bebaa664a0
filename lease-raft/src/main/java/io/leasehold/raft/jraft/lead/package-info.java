/**
 * Certainty about leadership: the vote gate, the leader lease and the rounds of heartbeats that
 * calls share.
 */
@NullMarked
package io.leasehold.raft.jraft.lead;

import org.jspecify.annotations.NullMarked;
