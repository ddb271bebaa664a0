/**
 * The Java client of Leasehold: leases that are kept alive, and what is built from them.
 *
 * <p>Start at {@link io.leasehold.client.LeaseClient}. The types here are all that users see; they
 * name types of the JDK and of this package alone. What is under {@code internal} may change at any
 * time.
 *
 * <p>Everything public may be used on any thread. Listeners, and what depends on futures, run on a
 * few threads of the client or on an executor that its builder was given; one event at a time for
 * each listener. A listener that blocks for long holds up other listeners, but no renewal.
 */
@NullMarked
package io.leasehold.client;

import org.jspecify.annotations.NullMarked;
