/**
 * Packs the commands of concurrent proposers into shared log entries. Any thread proposes; nobody
 * blocks.
 */
@NullMarked
package io.leasehold.raft.propose;

import org.jspecify.annotations.NullMarked;
