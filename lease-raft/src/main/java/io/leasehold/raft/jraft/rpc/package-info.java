/**
 * The transport of Raft's messages: one gRPC stream from each member to each other. Streams run on
 * the network threads and hand every message to an executor.
 */
@NullMarked
package io.leasehold.raft.jraft.rpc;

import org.jspecify.annotations.NullMarked;
