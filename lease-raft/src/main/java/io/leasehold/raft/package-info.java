/**
 * The engine: one member's replica of the lease state. {@link io.leasehold.raft.Replica} is what
 * the server sees; no type of the Raft library appears outside {@code io.leasehold.raft.jraft},
 * none of RocksDB outside {@code io.leasehold.raft.storage}.
 */
@NullMarked
package io.leasehold.raft;

import org.jspecify.annotations.NullMarked;
