package io.leasehold.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our wire against gRPC's own server, in this process. */
@Timeout(60)
final class WireTest {
  private static final Method GRANT = Method.of("etcdserverpb.Lease/LeaseGrant");
  private static final Method REVOKE = Method.of("etcdserverpb.Lease/LeaseRevoke");
  private static final Method LEASES = Method.of("etcdserverpb.Lease/LeaseLeases");
  private static final Method KEEP_ALIVE = Method.of("etcdserverpb.Lease/LeaseKeepAlive");
  private static final Method TIME_TO_LIVE = Method.of("etcdserverpb.Lease/LeaseTimeToLive");

  /** More than one frame, and more than one read, takes. */
  private static final int MANY = 20_000;

  private final EventLoops loops = new EventLoops(1);
  private Server server;
  private Connection connection;

  @BeforeEach
  void connect() throws Exception {
    server = serve(new Leases(), NettyServerBuilder.DEFAULT_FLOW_CONTROL_WINDOW);
    connection = connectTo(server.getPort());
  }

  private static Server serve(BindableService service, int window) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .initialFlowControlWindow(window)
        .addService(service)
        .build()
        .start();
  }

  private Connection connectTo(int port) throws Exception {
    return EventLoops.connect(
            loops.all().get(0), new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void disconnect() {
    connection.close();
    loops.close();
    server.shutdownNow();
  }

  @Test
  void callIsAnswered() throws Exception {
    Heard heard = new Heard();
    unary(GRANT, LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build().toByteArray(), heard);
    heard.awaitEnd();
    LeaseGrantResponse answer = LeaseGrantResponse.parseFrom(heard.messages.remove());
    assertThat(answer.getID()).isEqualTo(7);
    assertThat(answer.getTTL()).isEqualTo(60);
    assertThat(heard.code).isEqualTo(Status.Code.OK);
  }

  @Test
  void refusalHasItsStatusAndItsWords() throws Exception {
    Heard heard = new Heard();
    unary(REVOKE, LeaseRevokeRequest.newBuilder().setID(9).build().toByteArray(), heard);
    heard.awaitEnd();
    assertThat(heard.code).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(heard.text).isEqualTo("no lease 9");
    assertThat(heard.messages).isEmpty();
  }

  @Test
  void oneRefusalAfterAnotherIsTold() throws Exception {
    for (int i = 1; i <= 3; i++) {
      Heard refused = new Heard();
      unary(REVOKE, LeaseRevokeRequest.newBuilder().setID(i).build().toByteArray(), refused);
      refused.awaitEnd();
      assertThat(refused.text).isEqualTo("no lease " + i);
      Heard granted = new Heard();
      unary(GRANT, LeaseGrantRequest.newBuilder().setID(i).build().toByteArray(), granted);
      granted.awaitEnd();
      assertThat(granted.code).isEqualTo(Status.Code.OK);
    }
  }

  @Test
  void answerOfManyFramesIsPutTogether() throws Exception {
    Heard heard = new Heard();
    unary(LEASES, new byte[0], heard);
    heard.awaitEnd();
    LeaseLeasesResponse answer = LeaseLeasesResponse.parseFrom(heard.messages.remove());
    assertThat(answer.getLeasesCount()).isEqualTo(MANY);
    assertThat(answer.getLeases(MANY - 1).getID()).isEqualTo(MANY);
  }

  @Test
  void streamKeepsOrderBeyondThePeersWindow() throws Exception {
    server.shutdownNow();
    connection.close();
    server = serve(new Leases(), 1 << 10);
    connection = connectTo(server.getPort());
    Heard heard = new Heard();
    loops
        .all()
        .get(0)
        .execute(
            () -> {
              Call call = connection.open(KEEP_ALIVE, heard);
              for (int i = 1; i <= MANY; i++) {
                call.send(LeaseKeepAliveRequest.newBuilder().setID(i).build().toByteArray());
              }
              call.end();
              connection.flush();
            });
    heard.awaitEnd();
    assertThat(heard.code).isEqualTo(Status.Code.OK);
    List<Long> ids = new ArrayList<>();
    for (byte[] message : heard.messages) {
      ids.add(LeaseKeepAliveResponse.parseFrom(message).getID());
    }
    assertThat(ids).hasSize(MANY).isSorted();
  }

  @Test
  void lostConnectionEndsItsCalls() throws Exception {
    Heard heard = new Heard();
    unary(TIME_TO_LIVE, new byte[0], heard);
    server.shutdownNow();
    heard.awaitEnd();
    assertThat(heard.code).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void linkFindsItsWayBack() throws Exception {
    Link link =
        Link.open(
                loops.all().get(0),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
            .get(10, TimeUnit.SECONDS);
    int port = server.getPort();
    Connection first = onLoop(link::connection);
    server.shutdownNow().awaitTermination();
    while (onLoop(() -> first.isOpen())) {
      Thread.onSpinWait();
    }
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(new Leases())
            .build()
            .start();
    Connection second = onLoop(link::connection);
    while (second == null) {
      second = onLoop(link::connection);
    }
    assertThat(second).isNotSameAs(first);
    link.close();
  }

  @Test
  void messageOfManyFramesIsUnderstood() throws Exception {
    // A field that nobody knows makes it long.
    UnknownFieldSet padding =
        UnknownFieldSet.newBuilder()
            .addField(
                100,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFrom(new byte[3 << 14]))
                    .build())
            .build();
    Heard heard = new Heard();
    unary(
        GRANT,
        LeaseGrantRequest.newBuilder().setTTL(60).setUnknownFields(padding).build().toByteArray(),
        heard);
    heard.awaitEnd();
    assertThat(LeaseGrantResponse.parseFrom(heard.messages.remove()).getTTL()).isEqualTo(60);
  }

  @Test
  void messageThatNoFirstWindowTakesIsRefused() {
    assertThatThrownBy(() -> onLoop(() -> connection.unary(GRANT, new byte[1 << 16], new Heard())))
        .hasRootCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void answererPutsFramesTogether() throws Exception {
    Answerer.Answers lengths =
        new Answerer.Answers() {
          @Override
          public byte[] answer(String path, ByteBuf in, int begin, int length) {
            return Integer.toString(length).getBytes(StandardCharsets.US_ASCII);
          }

          @Override
          public boolean isUnary(String path) {
            return true;
          }
        };
    try (Answerer answerer = new Answerer(loops, lengths)) {
      connection.close();
      connection = connectTo(answerer.port());
      Heard heard = new Heard();
      unary(GRANT, new byte[60_000], heard);
      heard.awaitEnd();
      assertThat(heard.messages.remove()).asString().isEqualTo("60000");
    }
  }

  @Test
  void answererSpeaksGrpc() throws Exception {
    Answerer.Answers echo =
        new Answerer.Answers() {
          @Override
          public byte[] answer(String path, ByteBuf in, int begin, int length) {
            return ByteBufUtil.getBytes(in, begin, length);
          }

          @Override
          public boolean isUnary(String path) {
            return true;
          }
        };
    try (Answerer answerer = new Answerer(loops, echo)) {
      var channel =
          io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder.forAddress(
                  "127.0.0.1", answerer.port())
              .usePlaintext()
              .build();
      for (int i = 1; i <= 3; i++) {
        // Both messages have the ID in the same field.
        LeaseTimeToLiveRequest question = LeaseTimeToLiveRequest.newBuilder().setID(i).build();
        assertThat(
                LeaseGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .leaseTimeToLive(question)
                    .getUnknownFields()
                    .asMap())
            .containsKey(1);
      }
      channel.shutdownNow();
    }
  }

  private void unary(Method method, byte[] request, CallListener listener) {
    loops
        .all()
        .get(0)
        .execute(
            () -> {
              Call unused = connection.unary(method, request, listener);
              connection.flush();
            });
  }

  private <T> @Nullable T onLoop(java.util.concurrent.Callable<T> action) throws Exception {
    return loops.all().get(0).submit(action).get(10, TimeUnit.SECONDS);
  }

  /** What came of a call. */
  private static final class Heard implements CallListener {
    final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
    final java.util.concurrent.CountDownLatch end = new java.util.concurrent.CountDownLatch(1);
    volatile Status.Code code = Status.Code.UNKNOWN;
    volatile String text = "";

    @Override
    public void message(ByteBuf bytes, int begin, int length, long nowNanos) {
      messages.add(ByteBufUtil.getBytes(bytes, begin, length));
    }

    @Override
    public void closed(Status.Code ended, String message, long nowNanos) {
      code = ended;
      text = message;
      end.countDown();
    }

    void awaitEnd() throws InterruptedException {
      assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Grants everything, knows no lease to revoke, and never says how long one lives. */
  private static final class Leases extends LeaseGrpc.LeaseImplBase {
    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> to) {
      to.onNext(
          LeaseGrantResponse.newBuilder().setID(request.getID()).setTTL(request.getTTL()).build());
      to.onCompleted();
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> to) {
      to.onError(
          Status.NOT_FOUND.withDescription("no lease " + request.getID()).asRuntimeException());
    }

    @Override
    public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> to) {
      LeaseLeasesResponse.Builder answer = LeaseLeasesResponse.newBuilder();
      for (int i = 1; i <= MANY; i++) {
        answer.addLeases(LeaseStatus.newBuilder().setID(i));
      }
      to.onNext(answer.build());
      to.onCompleted();
    }

    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
        StreamObserver<LeaseKeepAliveResponse> to) {
      return new StreamObserver<>() {
        @Override
        public void onNext(LeaseKeepAliveRequest request) {
          to.onNext(LeaseKeepAliveResponse.newBuilder().setID(request.getID()).setTTL(60).build());
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
          to.onCompleted();
        }
      };
    }

    @Override
    public void leaseTimeToLive(
        LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> to) {}
  }
}
