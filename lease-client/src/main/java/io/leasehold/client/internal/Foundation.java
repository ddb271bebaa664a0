package io.leasehold.client.internal;

import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeyRange;
import io.leasehold.client.KeyValue;
import io.leasehold.client.Leases;
import io.leasehold.client.Txn;
import io.leasehold.client.TxnResult;
import io.leasehold.client.Watch;
import io.leasehold.client.WatchListener;
import io.leasehold.client.Watcher;
import io.leasehold.client.internal.keepalive.KeptLeases;
import io.leasehold.client.internal.time.NanoClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;

/**
 * What locks, elections and registrations stand on: a client's parts, or in tests a cluster made up
 * on virtual time. Any thread.
 *
 * <p>What is called direct ends on whatever thread heard the answer, so what depends on it must not
 * block; all else ends on {@link #callbacks}.
 */
public interface Foundation {
  /** The one thread of timers and events; what runs there must not block. */
  interface Owner extends Executor {
    /** Runs a task at an instant, unless the client is closed before; the result cancels it. */
    Future<?> executeAt(long nanos, Runnable task);
  }

  /** Leases, with direct futures. */
  interface DirectLeases extends Leases {
    CompletableFuture<GrantedLease> granted(Duration ttl);

    CompletableFuture<Void> revoked(long id);
  }

  /** Keys, with a direct future. */
  interface DirectKeys extends KeyValue {
    CompletableFuture<TxnResult> committed(Txn txn);
  }

  /** Watches, whose listeners run where they are told to. */
  interface DirectWatch extends Watch {
    Watcher watch(KeyRange range, long fromRevision, WatchListener listener, Executor executor);
  }

  NanoClock clock();

  Owner owner();

  /** Returns where users' listeners run. */
  Executor callbacks();

  KeptLeases kept();

  DirectLeases leases();

  DirectKeys keys();

  DirectWatch watches();
}
