package io.leasehold.client.internal.grpc;

import io.leasehold.client.KeyRange;
import io.leasehold.client.Watch;
import io.leasehold.client.WatchListener;
import io.leasehold.client.Watcher;
import io.leasehold.client.internal.Foundation.DirectWatch;
import io.leasehold.client.internal.OwnerThread;
import io.leasehold.client.internal.time.NanoClock;
import io.leasehold.client.internal.time.RandomSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** {@link Watch} over gRPC, a stream for each watch. Any thread. */
public final class GrpcWatch implements DirectWatch {
  private final Endpoints endpoints;
  private final OwnerThread owner;
  private final NanoClock clock;
  private final RandomSource random;
  private final Executor callbacks;
  private final Set<ResumedWatch> open = ConcurrentHashMap.newKeySet();

  public GrpcWatch(
      Endpoints endpoints,
      OwnerThread owner,
      NanoClock clock,
      RandomSource random,
      Executor callbacks) {
    this.endpoints = endpoints;
    this.owner = owner;
    this.clock = clock;
    this.random = random;
    this.callbacks = callbacks;
    endpoints.whenLeft(left -> open.forEach(watch -> watch.leave(left)));
  }

  @Override
  public Watcher watch(KeyRange range, long fromRevision, WatchListener listener) {
    return watch(range, fromRevision, listener, callbacks);
  }

  @Override
  public Watcher watch(
      KeyRange range, long fromRevision, WatchListener listener, Executor executor) {
    ResumedWatch watch =
        new ResumedWatch(
            endpoints, owner, clock, random, executor, listener, range, fromRevision, open::remove);
    open.add(watch);
    watch.start();
    return watch;
  }

  /** Ends all watches. */
  public void close() {
    List.copyOf(open).forEach(ResumedWatch::close);
  }
}
