/**
 * What the member tells Prometheus. {@link io.leasehold.server.metrics.ServerMetrics} is written by
 * everybody, on any thread; nothing here takes a lock on the way of a renewal.
 */
@NullMarked
package io.leasehold.server.metrics;

import org.jspecify.annotations.NullMarked;
