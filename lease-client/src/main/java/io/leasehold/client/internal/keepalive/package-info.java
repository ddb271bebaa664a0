/**
 * Keeps leases alive: pure state, without network, threads or clock of its own.
 *
 * <p>{@link io.leasehold.client.internal.keepalive.KeepAliveEngine} decides; it is confined to the
 * client's owner thread and handed everything it needs, so that it is tested on virtual time. What
 * other threads read is in {@link io.leasehold.client.internal.keepalive.Kept}.
 */
@NullMarked
package io.leasehold.client.internal.keepalive;

import org.jspecify.annotations.NullMarked;
