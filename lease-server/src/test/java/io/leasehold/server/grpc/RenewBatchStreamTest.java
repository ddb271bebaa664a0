package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.FakeCluster;
import io.leasehold.server.fake.FakeReplica;
import io.leasehold.server.metrics.ServerMetrics;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.LocalLeader;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a stream asks its client for more; the event loop's turns are a queue of the test. */
@Timeout(60)
final class RenewBatchStreamTest {
  private final FakeCluster replicas =
      new FakeCluster(System::nanoTime, TimeUnit.SECONDS.toNanos(1), "n1");
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final ArrayDeque<Runnable> nextTurn = new ArrayDeque<>();
  private final Call call = new Call();
  private final FakeReplica replica = replicas.replica("n1");
  private RenewBatchStream stream;

  @BeforeEach
  void open() {
    replicas.elect("n1");
    Await.until(() -> replica.lessor() != null);
    LeaseRouter router =
        new LeaseRouter(
            "n1",
            replica,
            new LocalLeader(replica, System::nanoTime, result -> {}),
            name -> {
              throw new AssertionError("there is one member");
            },
            System::nanoTime,
            () -> 1,
            scheduler);
    router.start();
    stream =
        new RenewBatchStream(
            call,
            router,
            new ResponseHeaders(1, 2, replica),
            new OpenStreams(1000, scheduler),
            nextTurn::add,
            System::nanoTime,
            new ServerMetrics(new SimpleMeterRegistry()));
    stream.open(false);
  }

  @AfterEach
  void close() {
    scheduler.shutdownNow();
    replicas.close();
  }

  private void send(int leases) {
    stream.onNext(
        RenewBatchRequest.newBuilder()
            .addAllLeaseIds(LongStream.rangeClosed(1, leases).boxed().toList())
            .build());
  }

  private void sendEmpty() {
    stream.onNext(RenewBatchRequest.getDefaultInstance());
  }

  @Test
  void smallBatchesAreAskedForOneAfterTheOther() {
    assertThat(call.asked).isEqualTo(1);
    for (int i = 1; i <= 100; i++) {
      sendEmpty();
      assertThat(call.asked).isEqualTo(1 + i);
    }
    assertThat(nextTurn).isEmpty();
  }

  @Test
  void afterAFullBatchTheOthersHaveTheirTurn() {
    replica.certain(false);
    replica.barriersPass(false);
    send(LeaseRouter.BATCH_LEASES_MAX);
    assertThat(call.asked).isEqualTo(1);
    nextTurn.remove().run();
    assertThat(call.asked).isEqualTo(2);
    // Several that are as large together as a full one count as one.
    send(LeaseRouter.BATCH_LEASES_MAX / 2);
    assertThat(call.asked).isEqualTo(3);
    send(LeaseRouter.BATCH_LEASES_MAX / 2);
    assertThat(call.asked).isEqualTo(3);
    nextTurn.remove().run();
    assertThat(call.asked).isEqualTo(4);
  }

  @Test
  void clientIsAskedForNoMoreThanTheWindowWithoutAnAnswer() {
    replica.certain(false);
    replica.barriersPass(false);
    for (int i = 0; i < RenewBatchStream.WINDOW; i++) {
      send(1);
    }
    assertThat(call.asked).isEqualTo(RenewBatchStream.WINDOW);
    assertThat(call.answers()).isEmpty();
    replica.barriersPass(true);
    Await.until(() -> call.answers().size() == RenewBatchStream.WINDOW);
    Await.until(() -> call.asked() == RenewBatchStream.WINDOW + 1);
  }

  @Test
  void clientThatDoesNotReadIsAskedForNothing() {
    call.isReady = false;
    sendEmpty();
    assertThat(call.asked).isEqualTo(1);
    call.isReady = true;
    call.onReady.run();
    assertThat(call.asked).isEqualTo(2);
  }

  @Test
  void streamEndsWhenAllThatWasSentBeforeTheHalfCloseIsAnswered() {
    replica.certain(false);
    replica.barriersPass(false);
    send(1);
    stream.onCompleted();
    assertThat(call.isCompleted).isFalse();
    replica.barriersPass(true);
    Await.until(() -> call.isCompleted);
    assertThat(call.answers()).hasSize(1);
  }

  /** The call as the stream sees it. */
  private static final class Call extends ServerCallStreamObserver<RenewBatchResponse> {
    private final List<RenewBatchResponse> answers = new ArrayList<>();
    private int asked;
    private volatile boolean isReady = true;
    private volatile boolean isCompleted;
    private Runnable onReady = () -> {};

    synchronized int asked() {
      return asked;
    }

    synchronized List<RenewBatchResponse> answers() {
      return List.copyOf(answers);
    }

    @Override
    public synchronized void request(int count) {
      asked += count;
    }

    @Override
    public synchronized void onNext(RenewBatchResponse answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable cause) {
      throw new AssertionError(cause);
    }

    @Override
    public void onCompleted() {
      isCompleted = true;
    }

    @Override
    public boolean isReady() {
      return isReady;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      // Nobody cancels.
    }

    @Override
    public void setOnCloseHandler(Runnable handler) {
      // Nobody asks.
    }

    @Override
    public void setCompression(String compression) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void disableAutoInboundFlowControl() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void disableAutoRequest() {
      // The stream asks by itself.
    }

    @Override
    public void setMessageCompression(boolean enable) {
      throw new UnsupportedOperationException();
    }
  }
}
