package io.leasehold.cluster;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Grants many leases with many requests in flight. Their IDs are chosen here, so that a grant with
 * an unknown outcome, such as one during a change of leaders, is safe to ask for again.
 */
public final class Grants {
  private static final Duration MAX = Duration.ofMinutes(10);
  private static final Duration ATTEMPT_MAX = Duration.ofSeconds(30);
  private static final Duration UNSERVED_MAX = Duration.ofSeconds(60);
  private static final Executor AFTER_A_PAUSE =
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

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
        new Grant(
                LeaseGrpc.newStub(through.get(i % through.size()).channel()),
                ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE),
                ttlSeconds,
                response -> {
                  ids.add(response.getID());
                  granted.accept(response);
                },
                cause -> failure.compareAndSet(null, cause),
                inFlight::release)
            .ask();
      }
      acquire(inFlight, inFlightMax);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new AssertionError("a grant failed: " + first, first);
    }
    return new ArrayList<>(ids);
  }

  /** One lease, asked for until it is granted or has been refused. */
  private static final class Grant implements StreamObserver<LeaseGrantResponse> {
    private final LeaseGrpc.LeaseStub stub;
    private final long id;
    private final LongSupplier ttlSeconds;
    private final Consumer<LeaseGrantResponse> granted;
    private final Consumer<Throwable> failed;
    private final Runnable done;
    private final long giveUpNanos = System.nanoTime() + UNSERVED_MAX.toNanos();

    private long askedTtlSeconds;
    private boolean asked;

    Grant(
        LeaseGrpc.LeaseStub stub,
        long id,
        LongSupplier ttlSeconds,
        Consumer<LeaseGrantResponse> granted,
        Consumer<Throwable> failed,
        Runnable done) {
      this.stub = stub;
      this.id = id;
      this.ttlSeconds = ttlSeconds;
      this.granted = granted;
      this.failed = failed;
      this.done = done;
    }

    void ask() {
      askedTtlSeconds = ttlSeconds.getAsLong();
      stub.withDeadlineAfter(ATTEMPT_MAX.toSeconds(), TimeUnit.SECONDS)
          .leaseGrant(
              LeaseGrantRequest.newBuilder().setID(id).setTTL(askedTtlSeconds).build(), this);
    }

    @Override
    public void onNext(LeaseGrantResponse response) {
      granted.accept(response);
    }

    @Override
    public void onError(Throwable cause) {
      Status status = Status.fromThrowable(cause);
      boolean exists =
          status.getCode() == Status.Code.FAILED_PRECONDITION
              && "etcdserver: lease already exists".equals(status.getDescription());
      boolean mayServeLater =
          status.getCode() == Status.Code.UNAVAILABLE
              || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
      if (asked && exists) {
        // The attempt before, whose answer was lost.
        granted.accept(LeaseGrantResponse.newBuilder().setID(id).setTTL(askedTtlSeconds).build());
        done.run();
      } else if (mayServeLater && System.nanoTime() - giveUpNanos < 0) {
        asked = true;
        AFTER_A_PAUSE.execute(this::ask);
      } else {
        failed.accept(cause);
        done.run();
      }
    }

    @Override
    public void onCompleted() {
      done.run();
    }
  }

  private static void acquire(Semaphore inFlight, int permits) throws InterruptedException {
    if (!inFlight.tryAcquire(permits, MAX.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("grants are stuck");
    }
  }
}
