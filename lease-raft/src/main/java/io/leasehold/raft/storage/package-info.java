/**
 * The replicated state on disk, in RocksDB; no type of RocksDB leaves this package. Written by the
 * apply thread alone.
 */
@NullMarked
package io.leasehold.raft.storage;

import org.jspecify.annotations.NullMarked;
