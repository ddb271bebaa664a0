package io.leasehold.client;

import java.time.Duration;

/**
 * A lease as the cluster granted or renewed it.
 *
 * @param id the lease's ID, never 0
 * @param ttl how long it lives after each renewal, as the cluster decided
 * @param validUntilNanos until when the holder may believe in it, on the clock of {@link
 *     System#nanoTime}: the TTL counted from before the request was sent, less a margin for clocks
 *     that run at different rates
 */
public record GrantedLease(long id, Duration ttl, long validUntilNanos) {}
