package io.leasehold.jepsen.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.jepsen.cluster.Waits;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.WatchAnswer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WatchStreamTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final List<Entry> told = new CopyOnWriteArrayList<>();

  /** Tells of one revision after the other until the network takes no more. */
  private static final class Teller extends WatchGrpc.WatchImplBase {
    private static final ByteString VALUE = ByteString.copyFrom(new byte[4 << 10]);
    private static final int MESSAGES_MAX = 1000;

    private final CompletableFuture<Integer> sent = new CompletableFuture<>();

    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(WatchRequest request) {
          answers.onNext(WatchResponse.newBuilder().setCreated(true).build());
          int messages = 0;
          while (messages < MESSAGES_MAX && ((ServerCallStreamObserver<?>) answers).isReady()) {
            answers.onNext(message(++messages));
          }
          sent.complete(messages);
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
      };
    }

    private static WatchResponse message(long revision) {
      KeyValue put = KeyValue.newBuilder().setModRevision(revision).setValue(VALUE).build();
      return WatchResponse.newBuilder()
          .setHeader(ResponseHeader.newBuilder().setRevision(revision))
          .addEvents(Event.newBuilder().setKv(put))
          .build();
    }
  }

  @Test
  void whatAWatchDoesNotReadStaysWithTheMemberUntilItIsRead() throws Exception {
    Teller teller = new Teller();
    try (FakeMember member = new FakeMember(teller);
        WatchStream watch =
            new WatchStream(
                1,
                member.connections(),
                "n1",
                WatchPlan.of(KeyRange.prefix("k"), 1),
                WatchStream.Reading.WHEN_TOLD,
                new RunClock(),
                told::add)) {
      int sent = teller.sent.get();
      Waits.await("the watch is open", SOON, watch::isOpen);

      assertThat(sent).as("until the network took no more").isLessThan(Teller.MESSAGES_MAX);
      assertThat(answers()).isEmpty();

      watch.read();

      Waits.await("all is told", SOON, () -> answers().size() == sent);
      assertThat(watch.nextRevision()).isEqualTo(sent + 1);
    }
  }

  private List<WatchAnswer> answers() {
    return told.stream()
        .filter(WatchAnswer.class::isInstance)
        .map(WatchAnswer.class::cast)
        .toList();
  }
}
