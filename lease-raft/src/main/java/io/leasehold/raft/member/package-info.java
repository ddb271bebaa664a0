/** The data directory of a member: its lock, its identity, its places. Used at start. */
@NullMarked
package io.leasehold.raft.member;

import org.jspecify.annotations.NullMarked;
