package io.leasehold.server.forward;

import io.grpc.stub.StreamObserver;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.raft.codec.CorruptEntryException;
import io.leasehold.raft.codec.EntryCodec;
import io.leasehold.raft.proto.v1.CommandBatch;
import io.leasehold.server.route.Leader;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one follower's stream of commands, on the thread that reads it. */
final class ForwardedCommands implements StreamObserver<CommandBatch> {
  private static final Logger LOG = LoggerFactory.getLogger(ForwardedCommands.class);

  private final Leader leader;
  private final CommandAnswerQueue answers;
  private final ForwardObserver observer;

  ForwardedCommands(Leader leader, CommandAnswerQueue answers, ForwardObserver observer) {
    this.leader = leader;
    this.answers = answers;
    this.observer = observer;
  }

  @Override
  public void onNext(CommandBatch batch) {
    int count = batch.getCorrelationsCount();
    observer.batchReceived(count);
    answers.batchTaken();
    List<Command> commands = commands(batch);
    if (count == 0 || commands.size() != count || batch.getTermsCount() != count) {
      batch.getCorrelationsList().forEach(answers::notAppended);
      return;
    }
    int bytes = batch.getCommands().size() / count;
    for (int i = 0; i < count; i++) {
      leader.propose(
          batch.getTerms(i), commands.get(i), bytes, new Answer(batch.getCorrelations(i)));
    }
  }

  /** Returns the commands, or none when this version cannot read them. */
  private static List<Command> commands(CommandBatch batch) {
    try {
      return EntryCodec.decode(batch.getCommands().asReadOnlyByteBuffer());
    } catch (CorruptEntryException e) {
      LOG.warn("forwarded commands cannot be read: {}", e.getMessage());
      return List.of();
    }
  }

  @Override
  public void onError(Throwable cause) {
    answers.close();
  }

  @Override
  public void onCompleted() {
    answers.complete();
  }

  private final class Answer implements Leader.OutcomeAnswer {
    private final long correlation;

    Answer(long correlation) {
      this.correlation = correlation;
    }

    @Override
    public void applied(long index, Outcome outcome) {
      answers.applied(correlation, index, outcome);
    }

    @Override
    public void tryAgain() {
      answers.notAppended(correlation);
    }

    @Override
    public void unknown() {
      answers.unknown(correlation);
    }
  }
}
