package io.leasehold.client.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * One stream of renewals over gRPC: how they are written and their answers read is up to the kinds
 * of it. Called on the owner thread; what gRPC tells on its own thread is handed over there, many
 * answers at a time.
 *
 * @param <Q> a message with renewals
 * @param <A> a message with answers
 */
abstract class RenewalCall<Q, A> {
  /** No more than one renewal is in flight for each lease, so this is bound enough. */
  private static final int ANSWERS_AT_ONCE = Integer.MAX_VALUE;

  /** Hears of a call, on the owner thread. */
  interface Hearer {
    void writable();

    void ended(Status status);
  }

  private final ClientCall<Q, A> call;
  private final Executor owner;
  private final Hearer hearer;

  RenewalCall(Endpoint endpoint, MethodDescriptor<Q, A> method, Executor owner, Hearer hearer) {
    this.call = endpoint.channel().newCall(method, CallOptions.DEFAULT);
    this.owner = owner;
    this.hearer = hearer;
  }

  void start() {
    call.start(new Answers(), Headers.requireLeader());
    call.request(ANSWERS_AT_ONCE);
  }

  /** As {@link io.leasehold.client.internal.keepalive.KeepAliveEngine.Stream#renew}. */
  abstract void renew(long leaseId, long ttlNanos);

  /** As {@link io.leasehold.client.internal.keepalive.KeepAliveEngine.Stream#flush}. */
  abstract void flush();

  abstract void answered(A answer);

  final boolean isReady() {
    return call.isReady();
  }

  final void send(Q message) {
    call.sendMessage(message);
  }

  final void cancel() {
    call.cancel("no longer needed", null);
  }

  /** What gRPC tells, on its own thread. */
  private final class Answers extends ClientCall.Listener<A> {
    private ArrayDeque<A> waiting = new ArrayDeque<>();

    @Override
    public void onMessage(A answer) {
      synchronized (this) {
        waiting.add(answer);
        if (waiting.size() > 1) {
          return;
        }
      }
      owner.execute(this::handOver);
    }

    private void handOver() {
      ArrayDeque<A> answers;
      synchronized (this) {
        answers = waiting;
        waiting = new ArrayDeque<>();
      }
      answers.forEach(RenewalCall.this::answered);
    }

    @Override
    public void onReady() {
      owner.execute(hearer::writable);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      owner.execute(() -> hearer.ended(status));
    }
  }
}
