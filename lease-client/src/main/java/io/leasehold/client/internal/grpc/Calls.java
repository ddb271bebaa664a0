package io.leasehold.client.internal.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ClientStreamTracer.StreamInfo;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.leasehold.client.LeaseholdException;
import io.leasehold.client.UnavailableException;
import io.leasehold.client.internal.OwnerThread;
import io.leasehold.client.internal.time.NanoClock;
import io.leasehold.client.internal.time.RandomSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests of one answer, at another member if the first does not do.
 *
 * <p>A request that is safe to repeat is repeated until its time is over. Any other is repeated
 * only while no member can have it; once one may, a lost answer is an {@link
 * io.leasehold.client.OutcomeUnknownException}. Any thread; futures end on gRPC's thread, so what
 * depends on them must not block.
 */
public final class Calls {
  /** Whether a request may be made twice. */
  enum Repeat {
    /** It only reads: no answer leaves nothing unknown. */
    READ,
    SAFE,
    NEVER
  }

  /** An answer, and when the request was sent that it answers. */
  record Answered<A>(A answer, long sentNanos) {}

  /** A member that does not answer is left after this, so that others can be asked in time. */
  private static final Duration ATTEMPT_MAX = Duration.ofSeconds(3);

  private static final long PAUSE_FIRST_NANOS = Duration.ofMillis(10).toNanos();
  private static final int PAUSE_DOUBLINGS_MAX = 5;

  private final Endpoints endpoints;
  private final OwnerThread owner;
  private final NanoClock clock;
  private final RandomSource random;
  private final Duration timeout;
  private volatile boolean isClosed;

  public Calls(
      Endpoints endpoints,
      OwnerThread owner,
      NanoClock clock,
      RandomSource random,
      Duration timeout) {
    this.endpoints = endpoints;
    this.owner = owner;
    this.clock = clock;
    this.random = random;
    this.timeout = timeout;
  }

  Duration timeout() {
    return timeout;
  }

  <Q, A> CompletableFuture<Answered<A>> call(
      MethodDescriptor<Q, A> method, Q request, Repeat repeat) {
    return call(method, request, repeat, null);
  }

  /**
   * Makes a request. If an attempt may have taken effect and the next one is told that there is
   * nothing, {@code whenGone} is the answer.
   */
  <Q, A> CompletableFuture<Answered<A>> call(
      MethodDescriptor<Q, A> method, Q request, Repeat repeat, @Nullable A whenGone) {
    Attempts<Q, A> attempts = new Attempts<>(method, request, repeat, whenGone);
    attempts.next();
    return attempts.result;
  }

  /** Asks one member, once; whatever it comes to, nobody moves on from it. */
  <Q, A> CompletableFuture<A> callAt(Endpoint endpoint, MethodDescriptor<Q, A> method, Q request) {
    CompletableFuture<A> result = new CompletableFuture<>();
    if (isClosed) {
      boolean unused =
          result.completeExceptionally(new UnavailableException("the client is closed", null));
      return result;
    }
    endpoint.channel().resetConnectBackoff();
    long mostNanos = Math.min(timeout.toNanos(), ATTEMPT_MAX.toNanos());
    ClientCall<Q, A> call =
        endpoint
            .channel()
            .newCall(
                method, CallOptions.DEFAULT.withDeadlineAfter(mostNanos, TimeUnit.NANOSECONDS));
    call.start(
        new ClientCall.Listener<A>() {
          @Override
          public void onMessage(A message) {
            boolean unused = result.complete(message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            Status end =
                status.isOk()
                    ? Status.UNAVAILABLE.withDescription("the member ended the call unanswered")
                    : status;
            boolean unused = result.completeExceptionally(Failures.refusal(end));
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
    return result;
  }

  /** Makes all calls fail from now on. */
  public void close() {
    isClosed = true;
  }

  /** One request until it is answered. Its fields are handed from attempt to attempt. */
  private final class Attempts<Q, A> {
    final CompletableFuture<Answered<A>> result = new CompletableFuture<>();
    private final MethodDescriptor<Q, A> method;
    private final Q request;
    private final Repeat repeat;
    private final @Nullable A whenGone;
    private final long deadlineNanos = clock.nanoTime() + timeout.toNanos();
    private int failures;
    private boolean mayHaveTakenEffect;

    Attempts(MethodDescriptor<Q, A> method, Q request, Repeat repeat, @Nullable A whenGone) {
      this.method = method;
      this.request = request;
      this.repeat = repeat;
      this.whenGone = whenGone;
    }

    void next() {
      if (isClosed) {
        fail(new UnavailableException("the client is closed", null));
        return;
      }
      long now = clock.nanoTime();
      long leftNanos = deadlineNanos - now;
      long attemptNanos =
          repeat == Repeat.NEVER ? leftNanos : Math.min(leftNanos, ATTEMPT_MAX.toNanos());
      Endpoint endpoint = endpoints.current();
      Departure departure = new Departure();
      ClientCall<Q, A> call =
          endpoint
              .channel()
              .newCall(
                  method,
                  CallOptions.DEFAULT
                      .withDeadlineAfter(attemptNanos, TimeUnit.NANOSECONDS)
                      .withStreamTracerFactory(departure));
      call.start(new Answer(call, endpoint, departure, now), new Metadata());
      call.request(2);
      call.sendMessage(request);
      if (isUnary()) {
        call.halfClose();
      }
    }

    private boolean isUnary() {
      return method.getType() == MethodDescriptor.MethodType.UNARY;
    }

    void fail(LeaseholdException failure) {
      boolean unused = result.completeExceptionally(failure);
    }

    private void failed(Status status, Endpoint endpoint, boolean hasLeft) {
      if (!Failures.isTransient(status)) {
        if (whenGone != null && mayHaveTakenEffect && status.getCode() == Status.Code.NOT_FOUND) {
          boolean unused = result.complete(new Answered<>(whenGone, clock.nanoTime()));
        } else {
          fail(Failures.refusal(status));
        }
        return;
      }
      endpoints.leave(endpoint);
      failures++;
      mayHaveTakenEffect |= repeat != Repeat.READ && hasLeft && !Failures.isTurnedAway(status);
      if (mayHaveTakenEffect && repeat == Repeat.NEVER) {
        fail(Failures.outcomeUnknown(method.getFullMethodName(), endpoint.address(), status));
        return;
      }
      long pauseNanos = pauseNanos();
      long at = clock.nanoTime() + pauseNanos;
      if (isClosed || at - deadlineNanos >= 0) {
        fail(Failures.outOfTime(method.getFullMethodName(), mayHaveTakenEffect, status));
      } else if (pauseNanos == 0) {
        next();
      } else {
        var unused = owner.executeAt(at, this::next);
      }
    }

    /**
     * Each member is asked once without delay; then every round comes later than the one before.
     */
    private long pauseNanos() {
      int rounds = failures / endpoints.size();
      if (failures % endpoints.size() != 0) {
        return 0;
      }
      long most = PAUSE_FIRST_NANOS << Math.min(rounds, PAUSE_DOUBLINGS_MAX);
      return (long) (most * (0.5 + random.nextShare() / 2));
    }

    /** Hears the answer to one attempt. */
    private final class Answer extends ClientCall.Listener<A> {
      private final ClientCall<Q, A> call;
      private final Endpoint endpoint;
      private final Departure departure;
      private final long sentNanos;
      private @Nullable A answer;

      Answer(ClientCall<Q, A> call, Endpoint endpoint, Departure departure, long sentNanos) {
        this.call = call;
        this.endpoint = endpoint;
        this.departure = departure;
        this.sentNanos = sentNanos;
      }

      @Override
      public void onMessage(A message) {
        answer = message;
        if (!isUnary()) {
          // A stream of which one answer is wanted. Ended earlier, it might never be answered.
          boolean unused = result.complete(new Answered<>(message, sentNanos));
          call.cancel("answered", null);
        }
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        if (answer != null) {
          // It is the answer, however the stream ended.
          boolean unused = result.complete(new Answered<>(answer, sentNanos));
        } else {
          failed(
              status.isOk()
                  ? Status.UNAVAILABLE.withDescription("the member ended the call unanswered")
                  : status,
              endpoint,
              departure.hasLeft);
        }
      }
    }
  }

  /** Notes whether a request was given to a connection. */
  private static final class Departure extends ClientStreamTracer.Factory {
    private volatile boolean hasLeft;

    @Override
    public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void streamCreated(Attributes transportAttributes, Metadata sent) {
          hasLeft = true;
        }
      };
    }
  }
}
