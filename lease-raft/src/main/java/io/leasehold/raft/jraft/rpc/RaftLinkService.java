package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.ProtobufMsgFactory;
import com.alipay.sofa.jraft.rpc.RaftRpcFactory;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.rpc.impl.ConnectionClosedEventListener;
import com.alipay.sofa.jraft.rpc.impl.PingRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.GetFileRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.InstallSnapshotRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.RequestVoteRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.TimeoutNowRequestProcessor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.raft.jraft.lead.VoteGate;
import io.leasehold.raft.proto.v1.RaftFrame;
import io.leasehold.raft.proto.v1.RaftLinkGrpc;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving side of the links: hands each message to JRaft's processor for it, in order where
 * order matters, and keeps the vote gate.
 *
 * <p>Frames arrive on network threads. Entries, and notices of what is committed, are handled
 * there: JRaft only takes its lock for them and queues them for its disk thread, and the leader's
 * client waits for that. Everything else is handled on executors.
 */
public final class RaftLinkService extends RaftLinkGrpc.RaftLinkImplBase implements RpcServer {
  /** Call ID of the frame that tells the caller that it was accepted. */
  static final long ACCEPTED = 0;

  /** Stands for the call ID where nobody wants the answer. */
  private static final long NOBODY = -1;

  private static final Logger LOG = LoggerFactory.getLogger(RaftLinkService.class);

  private final VoteGate gate;
  private final Executor executor;
  private final int port;
  private volatile Runnable leaderCutOff = () -> {};
  private final Map<String, RpcProcessor<?>> processors = new ConcurrentHashMap<>();
  private volatile boolean started;

  public RaftLinkService(VoteGate gate, Executor executor, int port) {
    this.gate = gate;
    this.executor = executor;
    this.port = port;
    registerProcessors();
  }

  /** Registers what Raft itself needs; JRaft's remote administration is not among it. */
  private void registerProcessors() {
    registerProcessor(new AppendEntriesProcessor(executor));
    registerProcessor(new RequestVoteRequestProcessor(executor));
    registerProcessor(new TimeoutNowRequestProcessor(executor));
    registerProcessor(new InstallSnapshotRequestProcessor(executor));
    registerProcessor(new GetFileRequestProcessor(executor));
    registerProcessor(new PingRequestProcessor(executor));
  }

  /**
   * Calls back when the stream of the leader that was last heard has ended. On a network thread.
   */
  public void onLeaderCutOff(Runnable listener) {
    leaderCutOff = listener;
  }

  /** Returns what handles messages that need no order. */
  public Executor executor() {
    return executor;
  }

  @Override
  public boolean init(@Nullable Void nothing) {
    started = true;
    return true;
  }

  @Override
  public void shutdown() {
    started = false;
  }

  @Override
  public void registerConnectionClosedEventListener(ConnectionClosedEventListener listener) {
    throw new UnsupportedOperationException("no processor here keeps anything per connection");
  }

  @Override
  public void registerProcessor(RpcProcessor<?> processor) {
    processors.put(processor.interest(), processor);
  }

  @Override
  public int boundPort() {
    return port;
  }

  @Override
  public boolean isStarted() {
    return started;
  }

  @Override
  public StreamObserver<RaftFrame> exchange(StreamObserver<RaftFrame> answers) {
    Introduction.Caller caller = Introduction.CALLER.get();
    if (!started) {
      answers.onError(Status.UNAVAILABLE.withDescription("not started yet").asRuntimeException());
      return new Deaf();
    }
    Inbound inbound =
        new Inbound(
            (ServerCallStreamObserver<RaftFrame>) answers,
            caller.name(),
            caller.electionTimeoutMillis() * 1_000_000L);
    inbound.send(RaftFrame.newBuilder().setCallId(ACCEPTED).build());
    return inbound;
  }

  /** Takes what still arrives on a stream that was refused. */
  private static final class Deaf implements StreamObserver<RaftFrame> {
    @Override
    public void onNext(RaftFrame frame) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }

  /** One caller's stream. */
  private final class Inbound implements StreamObserver<RaftFrame>, Connection {
    private final ServerCallStreamObserver<RaftFrame> answers;
    private final String caller;
    private final long callerElectionNanos;

    private volatile long ledTerm;
    private boolean done;

    Inbound(ServerCallStreamObserver<RaftFrame> answers, String caller, long callerElectionNanos) {
      this.answers = answers;
      this.caller = caller;
      this.callerElectionNanos = callerElectionNanos;
      answers.setOnCancelHandler(this::ended);
    }

    @Override
    public void onNext(RaftFrame frame) {
      Message request =
          ProtobufMsgFactory.newMessageByProtoClassName(
              frame.getMessageType(), frame.getBody().toByteArray());
      RpcProcessor<?> processor = processors.get(request.getClass().getName());
      if (processor == null || !started) {
        LOG.debug("no processor for {} from {}", frame.getMessageType(), caller);
        return;
      }
      Answer answer = new Answer(this, frame.getOneWay() ? NOBODY : frame.getCallId());
      if (frame.getOneWay() || PeerLinks.isEntries(request)) {
        handleHere(processor, request, answer);
        return;
      }
      Executor itsOwn = processor.executor();
      try {
        (itsOwn == null ? executor : itsOwn)
            .execute(() -> handle(processor, request, frame.getTransfer(), answer));
      } catch (RejectedExecutionException e) {
        LOG.debug("stopping: dropped {} from {}", frame.getMessageType(), caller);
      }
    }

    /** In the order of arrival. An exception would end the stream. */
    private void handleHere(RpcProcessor<?> processor, Message request, Answer answer) {
      try {
        handle(processor, request, false, answer);
      } catch (RuntimeException e) {
        LOG.error("what {} has sent was not handled", caller, e);
      }
    }

    @Override
    public void onError(Throwable error) {
      ended();
    }

    @Override
    public void onCompleted() {
      close();
      ended();
    }

    synchronized void send(RaftFrame frame) {
      if (!done && !answers.isCancelled()) {
        answers.onNext(frame);
      }
    }

    private void ended() {
      synchronized (this) {
        if (done) {
          return;
        }
        done = true;
      }
      if (ledTerm != 0 && gate.wasLastHeardIn(ledTerm)) {
        leaderCutOff.run();
      }
    }

    @Override
    public @Nullable Object getAttribute(String key) {
      return null;
    }

    @Override
    public void setAttribute(String key, Object value) {
      throw new UnsupportedOperationException("no processor here keeps anything per connection");
    }

    @Override
    public @Nullable Object setAttributeIfAbsent(String key, Object value) {
      throw new UnsupportedOperationException("no processor here keeps anything per connection");
    }

    @Override
    public synchronized void close() {
      if (!done && !answers.isCancelled()) {
        answers.onCompleted();
      }
    }
  }

  /** Where the answer to one request goes. */
  private record Answer(Inbound inbound, long callId) implements RpcContext {
    @Override
    public void sendResponse(Object response) {
      if (callId == NOBODY) {
        return;
      }
      Message message = (Message) response;
      inbound.send(
          RaftFrame.newBuilder()
              .setCallId(callId)
              .setMessageType(message.getDescriptorForType().getFullName())
              .setBody(UnsafeByteOperations.unsafeWrap(message.toByteArray()))
              .build());
    }

    @Override
    public Connection getConnection() {
      return inbound;
    }

    @Override
    public String getRemoteAddress() {
      return inbound.caller;
    }
  }

  private void handle(RpcProcessor<?> processor, Message request, boolean transfer, Answer answer) {
    if (request instanceof AppendEntriesRequest append) {
      answer.inbound().ledTerm = append.getTerm();
      gate.leaderHeard(append.getTerm(), VoteGate.window(answer.inbound().callerElectionNanos));
    } else if (request instanceof TimeoutNowRequest timeoutNow) {
      gate.appointedSuccessor(timeoutNow.getTerm());
    } else if (request instanceof RequestVoteRequest) {
      Object considered =
          gate.considerVote(
              transfer,
              () -> {
                dispatch(processor, request, answer);
                return Boolean.TRUE;
              });
      if (considered == null) {
        answer.sendResponse(
            RaftRpcFactory.DEFAULT.newResponse(
                RequestVoteResponse.getDefaultInstance(),
                RaftError.EBUSY,
                "a live leader was heard"));
      }
      return;
    }
    dispatch(processor, request, answer);
  }

  @SuppressWarnings("unchecked") // a processor is registered under the class of its requests
  private static <T> void dispatch(RpcProcessor<T> processor, Message request, Answer answer) {
    processor.handleRequest(answer, (T) request);
  }
}
