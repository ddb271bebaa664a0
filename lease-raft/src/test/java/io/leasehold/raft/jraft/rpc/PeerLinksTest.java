package io.leasehold.raft.jraft.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.PingRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The links of one member against a peer that answers pings and nothing else. */
class PeerLinksTest {
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int LONG_MILLIS = 3_600_000;
  private static final int WAIT_SECONDS = 10;
  private static final Message PING = PingRequest.newBuilder().setSendTimestamp(0).build();
  private static final Message ALIVE = ErrorResponse.newBuilder().setErrorCode(0).build();
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
          if (type.equals(PING.getDescriptorForType().getFullName()) && answersPings) {
            answers.onNext(
                RaftFrame.newBuilder()
                    .setCallId(frame.getCallId())
                    .setMessageType(ALIVE.getDescriptorForType().getFullName())
                    .setBody(ALIVE.toByteString())
                    .build());
          }
          received.add(type.substring(type.lastIndexOf('.') + 1));
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
