package io.leasehold.server.forward;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.leasehold.core.command.Outcome;
import io.leasehold.raft.proto.v1.CommandAnswer;
import io.leasehold.raft.proto.v1.CommandAnswer.Result;
import io.leasehold.raft.proto.v1.CommandAnswers;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers to commands on their way back to one follower. They come from the engine's threads, which
 * only leave them here; the executor encodes them, packs small ones together and cuts large ones
 * into slices. Any thread.
 *
 * <p>Bounded by the follower, which has a limit on commands without an answer.
 */
final class CommandAnswerQueue {
  /** Bytes of one message, roughly: what other streams of the connection may have to wait for. */
  static final int SLICE_BYTES = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(CommandAnswerQueue.class);

  private record Waiting(long correlation, Result result, long index, @Nullable Outcome outcome) {}

  private final ServerCallStreamObserver<CommandAnswers> stream;
  private final Executor executor;

  /* Guarded by the lock. */
  private ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int batchesTaken;
  private boolean isFlushPlanned;
  private boolean isClosed;

  /* Used by one flush at a time. */
  private CommandAnswers.Builder gathered = CommandAnswers.newBuilder();
  private int gatheredBytes;

  CommandAnswerQueue(ServerCallStreamObserver<CommandAnswers> stream, Executor executor) {
    this.stream = stream;
    this.executor = executor;
    // With a handler set, writing to a cancelled stream is a no-op rather than an exception.
    stream.setOnCancelHandler(this::close);
  }

  /** Has the follower told that a batch was taken up. */
  void batchTaken() {
    synchronized (this) {
      batchesTaken++;
    }
    planFlush();
  }

  void applied(long correlation, long index, Outcome outcome) {
    add(new Waiting(correlation, Result.APPLIED, index, outcome));
  }

  void notAppended(long correlation) {
    add(new Waiting(correlation, Result.NOT_APPENDED, 0, null));
  }

  void unknown(long correlation) {
    add(new Waiting(correlation, Result.UNKNOWN, 0, null));
  }

  private void add(Waiting answer) {
    synchronized (this) {
      waiting.add(answer);
    }
    planFlush();
  }

  private void planFlush() {
    synchronized (this) {
      if (isClosed || isFlushPlanned) {
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

  /**
   * An answer that cannot be sent ends the stream: the follower then knows that the fate of its
   * commands is open, instead of waiting for answers that never come.
   */
  private void flush() {
    try {
      flushWaiting();
    } catch (RuntimeException e) {
      LOG.error("answers to a follower cannot be sent", e);
      fail(Status.INTERNAL.withDescription("answers cannot be sent").withCause(e));
    }
  }

  private void flushWaiting() {
    ArrayDeque<Waiting> answers;
    synchronized (this) {
      answers = waiting;
      waiting = new ArrayDeque<>();
      gathered.setBatchesTaken(batchesTaken);
      batchesTaken = 0;
    }
    for (Waiting answer : answers) {
      gather(answer);
    }
    send();
    boolean isMore;
    synchronized (this) {
      isFlushPlanned = false;
      isMore = !waiting.isEmpty() || batchesTaken > 0;
    }
    if (isMore) {
      planFlush();
    }
  }

  private void gather(Waiting answer) {
    Outcome outcome = answer.outcome();
    ByteString left = outcome == null ? ByteString.EMPTY : OutcomeCodec.encode(outcome);
    while (left.size() > SLICE_BYTES) {
      gather(
          CommandAnswer.newBuilder()
              .setCorrelation(answer.correlation())
              .setOutcome(left.substring(0, SLICE_BYTES))
              .setMore(true));
      left = left.substring(SLICE_BYTES);
    }
    gather(
        CommandAnswer.newBuilder()
            .setCorrelation(answer.correlation())
            .setResult(answer.result())
            .setIndex(answer.index())
            .setOutcome(left));
  }

  private void gather(CommandAnswer.Builder answer) {
    if (gatheredBytes + answer.getOutcome().size() > SLICE_BYTES) {
      send();
    }
    gathered.addAnswers(answer);
    gatheredBytes += answer.getOutcome().size();
  }

  private void send() {
    CommandAnswers message = gathered.build();
    gathered = CommandAnswers.newBuilder();
    gatheredBytes = 0;
    synchronized (this) {
      if (!isClosed && message.getSerializedSize() > 0) {
        stream.onNext(message);
      }
    }
  }

  private synchronized void fail(Status status) {
    if (!isClosed) {
      close();
      stream.onError(status.asRuntimeException());
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
    waiting.clear();
  }
}
