package io.leasehold.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Grants, renews and ends leases.
 *
 * <p>Each request comes in two forms: one that returns a future, and one that waits. A future ends
 * with a {@link LeaseholdException}, and the waiting form throws it.
 */
public interface Leases {
  /**
   * Grants a lease. The TTL is rounded up to seconds and raised to the cluster's minimum. Repeated
   * until it succeeds: a lease whose answer was lost ends by itself.
   */
  CompletableFuture<GrantedLease> grantAsync(Duration ttl);

  /** Grants a lease and waits for it, as above. */
  GrantedLease grant(Duration ttl);

  /**
   * Grants a lease with an ID of the caller's choice, not 0. Refused if there is one already;
   * repeated only while it is certain that no member has the request.
   */
  CompletableFuture<GrantedLease> grantAsync(Duration ttl, long id);

  /** Grants a lease with an ID of the caller's choice and waits for it, as above. */
  GrantedLease grant(Duration ttl, long id);

  /**
   * Ends a lease and deletes its keys. Repeated until it is certain that the lease is gone; ends
   * with a {@link LeaseNotFoundException} if it was gone before.
   */
  CompletableFuture<Void> revokeAsync(long id);

  /** Ends a lease and waits until it is gone, as above. */
  void revoke(long id);

  /** Asks how long a lease has left, and for its keys if wanted; nothing if there is no such. */
  CompletableFuture<Optional<LeaseStatus>> timeToLiveAsync(long id, boolean withKeys);

  /** Asks how long a lease has left and waits for the answer, as above. */
  Optional<LeaseStatus> timeToLive(long id, boolean withKeys);

  /** Lists the IDs of all leases. */
  CompletableFuture<List<Long>> listAsync();

  /** Lists the IDs of all leases and waits for them. */
  List<Long> list();

  /** Renews a lease once; ends with a {@link LeaseNotFoundException} if it is gone. */
  CompletableFuture<GrantedLease> keepAliveOnceAsync(long id);

  /** Renews a lease once and waits for the answer. */
  GrantedLease keepAliveOnce(long id);

  /** Keeps a lease alive that was just granted or renewed, until the result is closed. */
  KeptLease keepAlive(GrantedLease lease, LeaseListener listener);

  /**
   * Keeps a lease alive of which only the ID is known. It counts as {@link LeaseState#AT_RISK},
   * with no time remaining, until its first renewal is answered.
   */
  KeptLease keepAlive(long id, LeaseListener listener);
}
