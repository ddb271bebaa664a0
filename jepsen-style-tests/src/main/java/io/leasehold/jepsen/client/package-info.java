/**
 * The clients that a run plays: each asks through etcd's interface, retries nothing, and says of
 * each operation what it certainly knows. Entry classes: {@link io.leasehold.jepsen.client.Client}
 * for one operation after the other, {@link io.leasehold.jepsen.client.LeaseKeeper} for renewals,
 * {@link io.leasehold.jepsen.client.WatchStream} for watches.
 */
@NullMarked
package io.leasehold.jepsen.client;

import org.jspecify.annotations.NullMarked;
