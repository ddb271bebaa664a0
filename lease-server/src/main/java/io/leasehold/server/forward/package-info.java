/**
 * Requests that need the leader, on their way from the member a client talks to: two streams to the
 * leader carry all of them, many in a message. Commands on keys have a stream of their own, so that
 * no renewal waits behind a large value or answer.
 *
 * <p>{@link io.leasehold.server.forward.ForwardClient} is the follower's end, {@link
 * io.leasehold.server.forward.ForwardService} the leader's. Nothing blocks; streams are written
 * under a lock that is held for the time of building a message.
 */
@NullMarked
package io.leasehold.server.forward;

import org.jspecify.annotations.NullMarked;
