package io.leasehold.server.forward;

import io.grpc.stub.ServerCallStreamObserver;
import io.leasehold.raft.proto.v1.ForwardAnswers;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Answers on their way back to one follower. Those that come one by one, from the engine's threads,
 * are gathered until the executor gets round to sending them, so that a thousand leases cleared by
 * one log entry make one message. Any thread.
 *
 * <p>Bounded by the follower, which has a limit on requests without an answer.
 */
final class AnswerQueue {
  private final ServerCallStreamObserver<ForwardAnswers> stream;
  private final Executor executor;
  private ForwardAnswers.Builder gathered = ForwardAnswers.newBuilder();
  private boolean isFlushPlanned;
  private boolean isClosed;

  AnswerQueue(ServerCallStreamObserver<ForwardAnswers> stream, Executor executor) {
    this.stream = stream;
    this.executor = executor;
    // With a handler set, writing to a cancelled stream is a no-op rather than an exception.
    stream.setOnCancelHandler(this::close);
  }

  /** Sends answers at once. */
  synchronized void send(ForwardAnswers answers) {
    if (!isClosed) {
      stream.onNext(answers);
    }
  }

  /** Has answers sent soon. */
  void add(ForwardAnswers.Builder answers) {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      gathered.mergeFrom(answers.buildPartial());
      if (isFlushPlanned) {
        return;
      }
      isFlushPlanned = true;
    }
    try {
      executor.execute(this::flush);
    } catch (RejectedExecutionException e) {
      // The member is stopping: the follower asks another.
      close();
    }
  }

  private synchronized void flush() {
    isFlushPlanned = false;
    if (!isClosed) {
      ForwardAnswers answers = gathered.build();
      gathered = ForwardAnswers.newBuilder();
      stream.onNext(answers);
    }
  }

  /** Ends the stream from this side. */
  synchronized void complete() {
    if (!isClosed) {
      isClosed = true;
      stream.onCompleted();
    }
  }

  synchronized void close() {
    isClosed = true;
  }
}
