package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The event loop's turns are a queue of the test. */
final class LoopSenderTest {
  private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
  private final Call call = new Call();
  private int timesRoomAgain;
  private int timesGivenUp;
  private final LoopSender<BytesValue> sender =
      new LoopSender<>(call, loop::add, () -> timesRoomAgain++, () -> timesGivenUp++);

  @Test
  void whatGathersIsWrittenInOneTurn() {
    sender.send(message(1));
    sender.send(message(2));
    sender.send(message(3));
    assertThat(loop).hasSize(1);
    assertThat(call.written).isEmpty();
    loop.remove().run();
    assertThat(call.written).containsExactly(message(1), message(2), message(3));
    sender.send(message(4));
    loop.remove().run();
    assertThat(call.written).hasSize(4);
    assertThat(timesRoomAgain).isZero();
  }

  @Test
  void messagesWaitWhileGrpcTakesNoMore() {
    call.isReady = false;
    sender.send(message(1));
    sender.send(message(2));
    loop.remove().run();
    assertThat(call.written).isEmpty();
    call.isReady = true;
    call.takes = 1;
    sender.write();
    assertThat(call.written).containsExactly(message(1));
    call.isReady = true;
    sender.write();
    assertThat(call.written).containsExactly(message(1), message(2));
  }

  @Test
  void largeMessageIsWrittenByWhoeverSendsIt() {
    sender.send(message(1));
    BytesValue large = BytesValue.of(ByteString.copyFrom(new byte[LoopSender.LARGE_BYTES]));
    sender.send(large);
    assertThat(call.written).containsExactly(message(1), large);
    runAll();
    assertThat(call.written).hasSize(2);
  }

  @Test
  void whatIsSentWhileAMessageIsWrittenFollowsIt() {
    call.whileWriting = () -> sender.send(message(2));
    sender.send(message(1));
    runAll();
    assertThat(call.written).containsExactly(message(1), message(2));
  }

  @Test
  void roomIsToldOfWhenItWasAskedForInVain() {
    call.isReady = false;
    int sent = 0;
    while (sender.hasRoom()) {
      sender.send(large());
      sent++;
    }
    assertThat(sent * large().getSerializedSize()).isLessThanOrEqualTo(LoopSender.BYTES_MAX);
    runAll();
    assertThat(timesRoomAgain).isZero();
    call.isReady = true;
    sender.write();
    assertThat(timesRoomAgain).isEqualTo(1);
    assertThat(sender.hasRoom()).isTrue();
    sender.write();
    assertThat(timesRoomAgain).isEqualTo(1);
    assertThat(call.written).hasSize(sent);
  }

  @Test
  void streamEndsAfterWhatWasSentThoughGrpcTakesNoMore() {
    call.isReady = false;
    sender.send(message(1));
    sender.fail(Status.UNAVAILABLE);
    sender.send(message(2));
    runAll();
    sender.send(message(3));
    runAll();
    assertThat(call.written).containsExactly(message(1), message(2));
    assertThat(call.failures).hasSize(1);
    assertThat(Status.fromThrowable(call.failures.get(0)).getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void messageThatGrpcRefusesIsTheLast() {
    call.refusal = new IllegalStateException("too large");
    sender.send(message(1));
    sender.send(message(2));
    runAll();
    sender.send(message(3));
    runAll();
    assertThat(timesGivenUp).isEqualTo(1);
    assertThat(call.written).isEmpty();
  }

  private void runAll() {
    for (Runnable next = loop.poll(); next != null; next = loop.poll()) {
      next.run();
    }
  }

  private static BytesValue message(int number) {
    return BytesValue.of(ByteString.copyFrom(new byte[] {(byte) number}));
  }

  private static BytesValue large() {
    return BytesValue.of(ByteString.copyFrom(new byte[10_000]));
  }

  /** Takes as many messages as the test says, and all when it says nothing. */
  private static final class Call extends ServerCallStreamObserver<BytesValue> {
    private final List<BytesValue> written = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private @Nullable RuntimeException refusal;
    private @Nullable Runnable whileWriting;
    private boolean isReady = true;
    private int takes = Integer.MAX_VALUE;

    @Override
    public void onNext(BytesValue message) {
      if (refusal != null) {
        throw refusal;
      }
      Runnable meanwhile = whileWriting;
      whileWriting = null;
      if (meanwhile != null) {
        meanwhile.run();
      }
      written.add(message);
      takes--;
      if (takes == 0) {
        isReady = false;
      }
    }

    @Override
    public boolean isReady() {
      return isReady;
    }

    @Override
    public void onError(Throwable failure) {
      failures.add(failure);
    }

    @Override
    public void onCompleted() {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}
  }
}
