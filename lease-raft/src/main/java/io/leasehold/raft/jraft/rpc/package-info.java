/**
 * The transport of Raft's messages: one gRPC stream from each member to each other. Entries and the
 * answers to them are handled on the event loops that read them; every other message is handed to
 * an executor.
 */
@NullMarked
package io.leasehold.raft.jraft.rpc;

import org.jspecify.annotations.NullMarked;
