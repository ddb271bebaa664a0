package io.leasehold.raft.jraft.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.RaftOutter.EntryMeta;
import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.PingRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.stub.StreamObserver;
import io.leasehold.raft.NativeLoops;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.PeerRoutes;
import io.leasehold.raft.jraft.lead.VoteGate;
import io.leasehold.raft.proto.v1.RaftFrame;
import io.leasehold.raft.proto.v1.RaftLinkGrpc;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The links of one member against a peer that answers pings and entries, and nothing else. */
class PeerLinksTest {
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int LONG_MILLIS = 3_600_000;
  private static final int WAIT_SECONDS = 10;
  private static final Message PING = PingRequest.newBuilder().setSendTimestamp(0).build();
  private static final Message ALIVE = ErrorResponse.newBuilder().setErrorCode(0).build();
  private static final Message PROBE = entries(0, 0);
  private static final Message ENTRIES = entries(1, 0);
  private static final Message MANY_ENTRIES = entries(1, 1 << 20);
  private static final Message STORED =
      AppendEntriesResponse.newBuilder().setTerm(1).setSuccess(true).build();
  private static final String LOOP = "test-link";
  private static final Message FETCH =
      GetFileRequest.newBuilder()
          .setReaderId(1)
          .setFilename("state")
          .setCount(1)
          .setOffset(0)
          .build();

  private final AtomicLong nanos = new AtomicLong();
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private volatile boolean answersPings = true;
  private volatile boolean answersEntries = true;
  private final EventLoopGroup loops = NativeLoops.group(LOOP, 1);
  private Server peer;
  private PeerLinks links;

  @BeforeEach
  void connect() throws Exception {
    peer =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(new Peer())
            .build()
            .start();
    links = new PeerLinks(new PeerAddress("127.0.0.1", peer.getPort()), transport(), () -> {});
    assertThat(links.awaitConnected(LONG_MILLIS)).isTrue();
  }

  @AfterEach
  void stop() throws InterruptedException {
    links.close();
    var unused = loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    timer.shutdownNow();
    peer.shutdownNow();
    assertThat(peer.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void fetchThatTakesLongIsNotCutOffWhileThePeerLives() throws Exception {
    CompletableFuture<Object> answer = call(FETCH);
    assertThat(next()).isEqualTo("GetFileRequest");
    for (int i = 0; i < 20; i++) {
      nanos.addAndGet(SILENCE_NANOS / 4);
      lookAfterUntilPinged();
    }
    assertThat(answer).isNotDone();
  }

  @Test
  void peerThatFallsSilentIsCutOff() throws Exception {
    answersPings = false;
    CompletableFuture<Object> answer = call(FETCH);
    assertThat(next()).isEqualTo("GetFileRequest");
    nanos.addAndGet(SILENCE_NANOS / 2);
    links.lookAfter();
    assertThat(next()).isEqualTo("PingRequest");
    assertThat(answer).isNotDone();
    nanos.addAndGet(SILENCE_NANOS + 1);
    links.lookAfter();
    assertThatThrownBy(() -> answer.get(WAIT_SECONDS, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RemotingException.class);
  }

  @Test
  void silenceOfThePeerIsNoticedOnTheUrgentLinkAlone() throws Exception {
    CompletableFuture<Object> answer = call(PING);
    assertThat(answer.get(WAIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
    answersPings = false;
    CompletableFuture<Object> unanswered = call(PING);
    nanos.addAndGet(SILENCE_NANOS + 1);
    links.lookAfter();
    assertThatThrownBy(() -> unanswered.get(WAIT_SECONDS, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RemotingException.class);
  }

  @Test
  void answerToEntriesIsHandledOnTheLoopThatReadsIt() throws Exception {
    CompletableFuture<String> thread = new CompletableFuture<>();
    links.call(
        ENTRIES, false, onAnswer(() -> thread.complete(Thread.currentThread().getName())), 1000);
    assertThat(thread.get(WAIT_SECONDS, TimeUnit.SECONDS)).startsWith(LOOP);
  }

  @Test
  void answerThatSetsOffMuchIsHandledOnTheExecutorItsCallCameWith() throws Exception {
    for (Message request : List.of(PROBE, MANY_ENTRIES)) {
      BlockingQueue<String> threads = new LinkedBlockingQueue<>();
      links.call(request, false, onAnswerBy(timer, threads), LONG_MILLIS);
      assertThat(threads.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isNotNull().doesNotStartWith(LOOP);
    }
  }

  @Test
  void answersOfPeerThatHasManyOutstandingAreHandledOnTheExecutorTheyCameWith() throws Exception {
    answersEntries = false;
    BlockingQueue<String> threads = new LinkedBlockingQueue<>();
    for (int i = 0; i < 100; i++) {
      links.call(ENTRIES, false, onAnswerBy(timer, threads), LONG_MILLIS);
      assertThat(next()).isEqualTo("AppendEntriesRequest");
    }
    answersEntries = true;
    links.call(ENTRIES, false, onAnswerBy(timer, threads), LONG_MILLIS);
    assertThat(threads.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isNotNull().doesNotStartWith(LOOP);
  }

  @Test
  void answerThatIsNotHandledLeavesTheLinkAsItIs() throws Exception {
    links.call(
        ENTRIES,
        false,
        onAnswer(
            () -> {
              throw new IllegalStateException("on purpose");
            }),
        LONG_MILLIS);
    assertThat(call(ENTRIES).get(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(STORED);
    assertThat(links.isConnected()).isTrue();
  }

  @Test
  void failureOfEntriesIsHandledOnTheExecutorTheyCameWith() throws Exception {
    answersEntries = false;
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    AtomicReference<Runnable> handed = new AtomicReference<>();
    links.call(
        ENTRIES,
        false,
        new InvokeCallback() {
          @Override
          public void complete(@Nullable Object result, @Nullable Throwable error) {
            failure.complete(error);
          }

          @Override
          public Executor executor() {
            return handed::set;
          }
        },
        1000);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    links.lookAfter();
    assertThat(failure).isNotDone();
    handed.get().run();
    assertThat(failure).isCompletedWithValueMatching(InvokeTimeoutException.class::isInstance);
  }

  /** A probe goes out only when the one before was answered, so this waits for that, too. */
  private void lookAfterUntilPinged() throws InterruptedException {
    String message = null;
    for (int i = 0; i < 1000 && message == null; i++) {
      links.lookAfter();
      message = received.poll(10, TimeUnit.MILLISECONDS);
      if (message == null) {
        nanos.addAndGet(SILENCE_NANOS / 1000);
      }
    }
    assertThat(message).isEqualTo("PingRequest");
  }

  private @Nullable String next() throws InterruptedException {
    return received.poll(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private static InvokeCallback onAnswer(Runnable then) {
    return new InvokeCallback() {
      @Override
      public void complete(@Nullable Object result, @Nullable Throwable error) {
        then.run();
      }

      @Override
      public Executor executor() {
        throw new AssertionError("nobody is to be asked for a thread");
      }
    };
  }

  /** Notes the thread that an answer is handled on. */
  private static InvokeCallback onAnswerBy(Executor executor, BlockingQueue<String> threads) {
    return new InvokeCallback() {
      @Override
      public void complete(@Nullable Object result, @Nullable Throwable error) {
        threads.add(Thread.currentThread().getName());
      }

      @Override
      public Executor executor() {
        return executor;
      }
    };
  }

  private static Message entries(int count, int bytes) {
    AppendEntriesRequest.Builder request =
        AppendEntriesRequest.newBuilder()
            .setGroupId("group")
            .setServerId("here")
            .setPeerId("there")
            .setTerm(1)
            .setPrevLogTerm(1)
            .setPrevLogIndex(0)
            .setCommittedIndex(0)
            .setData(ByteString.copyFrom(new byte[bytes]));
    for (int i = 0; i < count; i++) {
      request.addEntries(
          EntryMeta.newBuilder()
              .setTerm(1)
              .setType(EntryType.ENTRY_TYPE_DATA)
              .setDataLen(bytes / count));
    }
    return request.build();
  }

  private CompletableFuture<Object> call(Message request) throws RemotingException {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    links.call(
        request,
        false,
        new InvokeCallback() {
          @Override
          public void complete(@Nullable Object result, @Nullable Throwable error) {
            if (error == null) {
              answer.complete(result);
            } else {
              answer.completeExceptionally(error);
            }
          }

          @Override
          public Executor executor() {
            return Runnable::run;
          }
        },
        LONG_MILLIS);
    return answer;
  }

  private RaftTransport transport() {
    return new RaftTransport(
        new ClientInterceptor() {
          @Override
          public <Q, A> ClientCall<Q, A> interceptCall(
              MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return next.newCall(method, options);
          }
        },
        List.of(),
        loops,
        PeerRoutes.DIRECT,
        new VoteGate(nanos::get, SILENCE_NANOS, SILENCE_NANOS),
        () -> {},
        replicators -> {},
        new NobodyListens(),
        nanos::get,
        timer,
        Runnable::run,
        SILENCE_NANOS);
  }

  private static final class NobodyListens implements AppendListener {
    @Override
    public void sent(Endpoint follower, long committedIndex) {}

    @Override
    public void stored(Endpoint follower, long lastIndex) {}

    @Override
    public void lost(Endpoint follower) {}
  }

  /** Notes each message it gets. */
  private final class Peer extends RaftLinkGrpc.RaftLinkImplBase {
    @Override
    public StreamObserver<RaftFrame> exchange(StreamObserver<RaftFrame> answers) {
      answers.onNext(RaftFrame.newBuilder().setCallId(RaftLinkService.ACCEPTED).build());
      return new StreamObserver<>() {
        @Override
        public void onNext(RaftFrame frame) {
          String type = frame.getMessageType();
          if (answersPings && type.equals(PING.getDescriptorForType().getFullName())) {
            answer(frame, ALIVE);
          } else if (answersEntries && type.equals(ENTRIES.getDescriptorForType().getFullName())) {
            answer(frame, STORED);
          }
          received.add(type.substring(type.lastIndexOf('.') + 1));
        }

        private void answer(RaftFrame frame, Message answer) {
          answers.onNext(
              RaftFrame.newBuilder()
                  .setCallId(frame.getCallId())
                  .setMessageType(answer.getDescriptorForType().getFullName())
                  .setBody(answer.toByteString())
                  .build());
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }
}
