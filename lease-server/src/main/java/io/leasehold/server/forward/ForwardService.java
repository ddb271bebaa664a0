package io.leasehold.server.forward;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.Replica;
import io.leasehold.raft.proto.v1.CommandAnswers;
import io.leasehold.raft.proto.v1.CommandBatch;
import io.leasehold.raft.proto.v1.ForwardAnswers;
import io.leasehold.raft.proto.v1.ForwardGrpc;
import io.leasehold.raft.proto.v1.ForwardRequests;
import io.leasehold.server.route.LocalLeader;
import java.util.concurrent.Executor;

/**
 * The leader's end of the streams from other members. A member that does not lead, or is not yet
 * promoted, refuses; the follower asks again.
 *
 * <p>Runs on the thread that read the message; answers that come later are gathered and sent by the
 * executor.
 */
public final class ForwardService extends ForwardGrpc.ForwardImplBase {
  private final Replica replica;
  private final LocalLeader leader;
  private final NanoClock clock;
  private final Executor answerExecutor;
  private final Executor commandAnswerExecutor;
  private final ForwardObserver observer;

  /**
   * @param answerExecutor sends answers about leases
   * @param commandAnswerExecutor encodes and sends answers to commands on keys, which takes time
   *     when they are large
   */
  public ForwardService(
      Replica replica,
      LocalLeader leader,
      NanoClock clock,
      Executor answerExecutor,
      Executor commandAnswerExecutor,
      ForwardObserver observer) {
    this.replica = replica;
    this.leader = leader;
    this.clock = clock;
    this.answerExecutor = answerExecutor;
    this.commandAnswerExecutor = commandAnswerExecutor;
    this.observer = observer;
  }

  @Override
  public StreamObserver<ForwardRequests> forward(StreamObserver<ForwardAnswers> answers) {
    AnswerQueue queue =
        new AnswerQueue((ServerCallStreamObserver<ForwardAnswers>) answers, answerExecutor);
    return new StreamObserver<>() {
      @Override
      public void onNext(ForwardRequests requests) {
        observer.batchReceived(
            requests.getRenewCorrelationsCount()
                + requests.getRemainingCorrelationsCount()
                + requests.getGrantsCount()
                + requests.getRevokesCount());
        new ForwardedBatch(replica, leader, clock, queue).serve(requests);
      }

      @Override
      public void onError(Throwable cause) {
        queue.close();
      }

      @Override
      public void onCompleted() {
        queue.complete();
      }
    };
  }

  @Override
  public StreamObserver<CommandBatch> forwardCommands(StreamObserver<CommandAnswers> answers) {
    CommandAnswerQueue queue =
        new CommandAnswerQueue(
            (ServerCallStreamObserver<CommandAnswers>) answers, commandAnswerExecutor);
    return new ForwardedCommands(leader, queue, observer);
  }
}
