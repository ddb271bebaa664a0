/** Commands as bytes of the replicated log, and back. Stateless. */
@NullMarked
package io.leasehold.raft.codec;

import org.jspecify.annotations.NullMarked;
