package io.leasehold.cli.wire;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ClientStreamTracer.StreamInfo;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.leasehold.cli.time.Clocks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks members. A request goes to the first member that can be reached; it is repeated elsewhere
 * only when it is safe to repeat, or no member can have it. Any thread; calls wait for the answer.
 */
public final class Wire implements AutoCloseable {
  /** Whether a request may be made twice. */
  public enum Repeat {
    SAFE,
    NEVER
  }

  /** A member that does not answer is left after this when there are others. */
  private static final Duration ATTEMPT_MAX = Duration.ofSeconds(3);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final WireSettings settings;
  private final Clocks clocks;
  private final Channels channels;

  /** The member that is asked first. */
  private volatile int current;

  public Wire(WireSettings settings, Clocks clocks) {
    this.settings = settings;
    this.clocks = clocks;
    this.channels = new Channels(settings);
  }

  public WireSettings settings() {
    return settings;
  }

  /**
   * Asks any member.
   *
   * @throws WireException if it was refused, not answered in time, or its outcome is unknown
   */
  public <Q, A> A call(MethodDescriptor<Q, A> method, Q request, Repeat repeat)
      throws InterruptedException {
    List<String> endpoints = settings.endpoints();
    long deadlineNanos = clocks.nanoTime() + settings.commandTimeout().toNanos();
    for (int failures = 1; ; failures++) {
      int asked = current;
      String endpoint = endpoints.get(asked);
      Duration left = Duration.ofNanos(deadlineNanos - clocks.nanoTime());
      boolean isShared = repeat == Repeat.SAFE && endpoints.size() > 1;
      Duration most = isShared && left.compareTo(ATTEMPT_MAX) > 0 ? ATTEMPT_MAX : left;
      Attempt<A> attempt = attempt(endpoint, method, request, most);
      Status status = attempt.status;
      if (attempt.answer != null) {
        return attempt.answer;
      }
      boolean isUntouched = !attempt.hasLeft || isTurnedAway(status);
      if (!isTransient(status)) {
        throw WireException.of(status);
      }
      String problem = endpoint + ": " + WireException.text(status);
      if (repeat == Repeat.NEVER && !isUntouched) {
        throw new WireException(status.getCode(), "it may have taken effect, or not: " + problem);
      }
      current = (asked + 1) % endpoints.size();
      boolean wereAllAsked = failures % endpoints.size() == 0;
      Duration pause = wereAllAsked ? PAUSE : Duration.ZERO;
      if (deadlineNanos - clocks.nanoTime() <= pause.toNanos()) {
        throw new WireException(
            status.getCode(),
            "no member answered within "
                + settings.commandTimeout().toMillis()
                + " ms, the last one "
                + problem);
      }
      clocks.pause(pause);
    }
  }

  /**
   * Asks one member, once.
   *
   * @throws WireException if it did not answer well
   */
  public <Q, A> A callAt(String endpoint, MethodDescriptor<Q, A> method, Q request)
      throws InterruptedException {
    Attempt<A> attempt = attempt(endpoint, method, request, settings.commandTimeout());
    if (attempt.answer == null) {
      throw WireException.of(attempt.status);
    }
    return attempt.answer;
  }

  /** Returns the member that is asked now. */
  public String currentEndpoint() {
    return settings.endpoints().get(current);
  }

  /** Moves on from a member that did not do. */
  public void leave(String endpoint) {
    List<String> endpoints = settings.endpoints();
    if (endpoints.get(current).equals(endpoint)) {
      current = (current + 1) % endpoints.size();
    }
  }

  /** Begins a call of a stream at a member; a member without a leader ends it. */
  public <Q, A> ClientCall<Q, A> open(
      String endpoint, MethodDescriptor<Q, A> method, ClientCall.Listener<A> listener) {
    ClientCall<Q, A> call = channels.to(endpoint).newCall(method, CallOptions.DEFAULT);
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    call.start(listener, headers);
    return call;
  }

  /** What became of one attempt. */
  private record Attempt<A>(@Nullable A answer, Status status, boolean hasLeft) {}

  private <Q, A> Attempt<A> attempt(
      String endpoint, MethodDescriptor<Q, A> method, Q request, Duration most)
      throws InterruptedException {
    Departure departure = new Departure();
    CompletableFuture<Attempt<A>> result = new CompletableFuture<>();
    ClientCall<Q, A> call =
        channels
            .to(endpoint)
            .newCall(
                method,
                CallOptions.DEFAULT
                    .withDeadlineAfter(Math.max(1, most.toNanos()), TimeUnit.NANOSECONDS)
                    .withStreamTracerFactory(departure));
    boolean isUnary = method.getType() == MethodType.UNARY;
    call.start(
        new ClientCall.Listener<A>() {
          private @Nullable A answer;

          @Override
          public void onMessage(A message) {
            answer = message;
            if (!isUnary) {
              // A stream of which one answer is wanted.
              boolean unused = result.complete(new Attempt<>(message, Status.OK, true));
              call.cancel("answered", null);
            }
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            boolean unused =
                result.complete(
                    new Attempt<>(
                        status.isOk() ? answer : null,
                        status.isOk() && answer == null
                            ? Status.UNAVAILABLE.withDescription("ended the call unanswered")
                            : status,
                        departure.hasLeft));
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(request);
    if (isUnary) {
      call.halfClose();
    }
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      call.cancel("interrupted", e);
      throw e;
    }
  }

  private static boolean isTurnedAway(Status status) {
    return "etcdserver: too many requests".equals(status.getDescription());
  }

  private static boolean isTransient(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED, INTERNAL -> true;
      default -> isTurnedAway(status);
    };
  }

  @Override
  public void close() {
    channels.close();
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
