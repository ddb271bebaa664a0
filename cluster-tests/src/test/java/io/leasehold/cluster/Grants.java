package io.leasehold.cluster;

import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Grants many leases with many requests in flight. */
public final class Grants {
  private static final Duration MAX = Duration.ofMinutes(10);

  private Grants() {}

  /** Returns the IDs of {@code count} leases granted through the members in turn. */
  static List<Long> many(
      List<? extends Reachable> through, int count, long ttlSeconds, int inFlightMax) {
    return many(through, count, ttlSeconds, inFlightMax, id -> {});
  }

  /**
   * Returns the IDs of {@code count} leases granted through the members in turn.
   *
   * @param granted hears of each lease as soon as its grant was answered, on any thread
   */
  public static List<Long> many(
      List<? extends Reachable> through,
      int count,
      long ttlSeconds,
      int inFlightMax,
      LongConsumer granted) {
    return many(
        through,
        count,
        () -> ttlSeconds,
        inFlightMax,
        response -> granted.accept(response.getID()));
  }

  /**
   * Returns the IDs of {@code count} leases granted through the members in turn.
   *
   * @param ttlSeconds asked for each grant as it is sent
   * @param granted hears of each lease as soon as its grant was answered, on any thread
   */
  static List<Long> many(
      List<? extends Reachable> through,
      int count,
      LongSupplier ttlSeconds,
      int inFlightMax,
      Consumer<LeaseGrantResponse> granted) {
    List<Long> ids = Collections.synchronizedList(new ArrayList<>(count));
    Semaphore inFlight = new Semaphore(inFlightMax);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    try {
      for (int i = 0; i < count && failure.get() == null; i++) {
        acquire(inFlight, 1);
        LeaseGrpc.newStub(through.get(i % through.size()).channel())
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .leaseGrant(
                LeaseGrantRequest.newBuilder().setTTL(ttlSeconds.getAsLong()).build(),
                new StreamObserver<>() {
                  @Override
                  public void onNext(LeaseGrantResponse response) {
                    ids.add(response.getID());
                    granted.accept(response);
                  }

                  @Override
                  public void onError(Throwable cause) {
                    failure.compareAndSet(null, cause);
                    inFlight.release();
                  }

                  @Override
                  public void onCompleted() {
                    inFlight.release();
                  }
                });
      }
      acquire(inFlight, inFlightMax);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new AssertionError("a grant failed", first);
    }
    return new ArrayList<>(ids);
  }

  private static void acquire(Semaphore inFlight, int permits) throws InterruptedException {
    if (!inFlight.tryAcquire(permits, MAX.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("grants are stuck");
    }
  }
}
