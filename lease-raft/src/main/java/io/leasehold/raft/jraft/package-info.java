/**
 * SOFAJRaft behind the port {@link io.leasehold.raft.Replica}; no type of it leaves this package
 * and its parts.
 */
@NullMarked
package io.leasehold.raft.jraft;

import org.jspecify.annotations.NullMarked;
