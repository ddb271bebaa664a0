/**
 * Brings what needs the leader to the leader: to this member's own lessor, or to another member
 * through {@code io.leasehold.server.forward}, and again to the next leader until the request's
 * deadline.
 *
 * <p>Entry class: {@link io.leasehold.server.route.LeaseRouter}. Called on event loops; nothing
 * here blocks. Answers come on the event loop that asked, on the engine's threads, on those of the
 * peers' channels or on the router's own thread.
 */
@NullMarked
package io.leasehold.server.route;

import org.jspecify.annotations.NullMarked;
