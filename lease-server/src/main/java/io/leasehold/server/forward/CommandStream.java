package io.leasehold.server.forward;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.raft.codec.EntryCodec;
import io.leasehold.raft.proto.v1.CommandAnswer;
import io.leasehold.raft.proto.v1.CommandAnswers;
import io.leasehold.raft.proto.v1.CommandBatch;
import io.leasehold.raft.proto.v1.ForwardGrpc;
import io.leasehold.server.route.Leader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The follower's end of the stream of commands to one member, beside {@link ForwardStream}, and
 * paced in the same way.
 *
 * <p>Any thread. The lock guards everything here and is never held while an answer is delivered.
 */
final class CommandStream {
  private static final Logger LOG = LoggerFactory.getLogger(CommandStream.class);

  /** Batches sent and not taken up. */
  private static final int BATCHES_ON_THE_WAY_MAX = 4;

  /** Commands in a batch. */
  private static final int BATCH_MAX = 512;

  /** Bytes of a batch, roughly, unless a single command is larger. */
  private static final int BATCH_BYTES_MAX = 256 * 1024;

  /** Commands without an answer. Beyond it they wait at the router. */
  private static final int OUTSTANDING_MAX = 1 << 14;

  /** Bytes of the commands without an answer, roughly. */
  private static final long OUTSTANDING_BYTES_MAX = 32 << 20;

  private final ForwardObserver observer;
  private final Executor largeAnswers;
  private final Outstanding<Pending> outstanding = new Outstanding<>(OUTSTANDING_MAX);
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  private long outstandingBytes;
  private int batchesOnTheWay;
  private @Nullable ClientCallStreamObserver<CommandBatch> requests;
  private boolean isClosed;

  /**
   * @param largeAnswers unpacks answers that came in several slices
   */
  CommandStream(ForwardObserver observer, Executor largeAnswers) {
    this.observer = observer;
    this.largeAnswers = largeAnswers;
  }

  void open(Channel channel) {
    // As for ForwardStream: not a part of the call that happens to need it first.
    Context.ROOT.run(
        () -> ForwardGrpc.newStub(channel).withWaitForReady().forwardCommands(new Answers()));
  }

  synchronized boolean isClosed() {
    return isClosed;
  }

  /** Ends the stream and everything on it. */
  void close(String why) {
    ClientCallStreamObserver<CommandBatch> toCancel;
    synchronized (this) {
      toCancel = requests;
    }
    giveUp();
    if (toCancel != null) {
      toCancel.cancel(why, null);
    }
  }

  /** Proposes a command, as {@link Leader#propose}. */
  void propose(long term, Command command, int bytes, Leader.OutcomeAnswer answer) {
    Pending pending = new Pending(term, command, bytes, answer);
    boolean isTaken;
    synchronized (this) {
      isTaken = add(pending);
      if (isTaken) {
        sendWhatIsDue();
      }
    }
    if (!isTaken) {
      answer.tryAgain();
    }
  }

  /* Under the lock. */

  private boolean add(Pending pending) {
    if (isClosed || outstandingBytes >= OUTSTANDING_BYTES_MAX) {
      return false;
    }
    pending.correlation = outstanding.add(pending);
    if (pending.correlation < 0) {
      return false;
    }
    outstandingBytes += pending.bytes;
    waiting.add(pending);
    return true;
  }

  private void sendWhatIsDue() {
    ClientCallStreamObserver<CommandBatch> to = requests;
    while (to != null
        && !waiting.isEmpty()
        && batchesOnTheWay < BATCHES_ON_THE_WAY_MAX
        && to.isReady()) {
      batchesOnTheWay++;
      to.onNext(nextBatch());
    }
  }

  private CommandBatch nextBatch() {
    CommandBatch.Builder batch = CommandBatch.newBuilder();
    List<Command> commands = new ArrayList<>();
    long bytes = 0;
    for (Pending next = waiting.peek(); next != null; next = waiting.peek()) {
      boolean isFull = commands.size() == BATCH_MAX || bytes + next.bytes > BATCH_BYTES_MAX;
      if (isFull && !commands.isEmpty()) {
        break;
      }
      waiting.remove();
      next.isSent = true;
      bytes += next.bytes;
      commands.add(next.command);
      batch.addCorrelations(next.correlation).addTerms(next.term);
    }
    observer.batchSent(commands.size());
    return batch.setCommands(UnsafeByteOperations.unsafeWrap(EntryCodec.encode(commands))).build();
  }

  /** Takes in an answer or a slice of it; returns who waits for it when it is whole. */
  private @Nullable Pending taken(CommandAnswer answer) {
    if (answer.getMore()) {
      Pending pending = outstanding.get(answer.getCorrelation());
      if (pending != null) {
        pending.slices = pending.slices.concat(answer.getOutcome());
      }
      return null;
    }
    Pending pending = outstanding.remove(answer.getCorrelation());
    if (pending != null) {
      outstandingBytes -= pending.bytes;
    }
    return pending;
  }

  private void giveUp() {
    List<Pending> all;
    synchronized (this) {
      isClosed = true;
      requests = null;
      all = outstanding.removeAll();
      waiting.clear();
    }
    all.forEach(Pending::lost);
  }

  private void deliver(Pending pending, CommandAnswer answer) {
    if (pending.slices.isEmpty()) {
      pending.deliver(answer);
      return;
    }
    try {
      largeAnswers.execute(() -> pending.deliver(answer));
    } catch (RejectedExecutionException e) {
      // The member is stopping.
      pending.answer.unknown();
    }
  }

  /** What comes from the leader. */
  private final class Answers implements ClientResponseObserver<CommandBatch, CommandAnswers> {

    @Override
    public void beforeStart(ClientCallStreamObserver<CommandBatch> stream) {
      stream.setOnReadyHandler(
          () -> {
            synchronized (CommandStream.this) {
              sendWhatIsDue();
            }
          });
      boolean isTooLate;
      synchronized (CommandStream.this) {
        isTooLate = isClosed;
        requests = isTooLate ? null : stream;
      }
      if (isTooLate) {
        stream.cancel("the stream was closed before it was open", null);
      }
    }

    @Override
    public void onNext(CommandAnswers answers) {
      List<@Nullable Pending> answered = new ArrayList<>(answers.getAnswersCount());
      synchronized (CommandStream.this) {
        for (CommandAnswer answer : answers.getAnswersList()) {
          answered.add(taken(answer));
        }
        batchesOnTheWay = Math.max(0, batchesOnTheWay - answers.getBatchesTaken());
        sendWhatIsDue();
      }
      for (int i = 0; i < answered.size(); i++) {
        Pending pending = answered.get(i);
        if (pending != null) {
          deliver(pending, answers.getAnswers(i));
        }
      }
    }

    @Override
    public void onError(Throwable cause) {
      giveUp();
    }

    @Override
    public void onCompleted() {
      giveUp();
    }
  }

  /** A command without an answer. */
  private static final class Pending {
    final long term;
    final Command command;
    final int bytes;
    final Leader.OutcomeAnswer answer;

    /* Guarded by the stream's lock until the answer is whole or the stream ended. */
    int correlation;
    boolean isSent;
    ByteString slices = ByteString.EMPTY;

    Pending(long term, Command command, int bytes, Leader.OutcomeAnswer answer) {
      this.term = term;
      this.command = command;
      this.bytes = bytes;
      this.answer = answer;
    }

    void deliver(CommandAnswer last) {
      switch (last.getResult()) {
        case APPLIED -> applied(last);
        case NOT_APPENDED -> answer.tryAgain();
        case UNKNOWN, RESULT_UNSPECIFIED, UNRECOGNIZED -> answer.unknown();
      }
    }

    private void applied(CommandAnswer last) {
      Outcome outcome;
      try {
        outcome = OutcomeCodec.decode(slices.concat(last.getOutcome()));
      } catch (InvalidProtocolBufferException e) {
        LOG.warn("the leader's answer to a command cannot be read: {}", e.getMessage());
        answer.unknown();
        return;
      }
      answer.applied(last.getIndex(), outcome);
    }

    /** The stream ended before the answer came. */
    void lost() {
      if (isSent) {
        answer.unknown();
      } else {
        answer.tryAgain();
      }
    }
  }
}
