package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.leasehold.api.v3electionpb.CampaignRequest;
import io.leasehold.api.v3lockpb.LockRequest;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import io.leasehold.server.fake.FakeCluster;
import io.leasehold.server.recipe.FakeKeys;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that gives up in the moment in which its turn comes leaves no key behind. */
class GivenUpPlaceTest {
  private static final long LEASE = 7;
  private static final ByteString NAME = ByteString.copyFromUtf8("name");

  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final FakeKeys keys = new FakeKeys();
  private final LockService locks;
  private final ElectionService elections;

  GivenUpPlaceTest() {
    FakeCluster cluster = new FakeCluster(() -> 0, 1, "n1");
    cluster.elect("n1");
    ResponseHeaders headers = new ResponseHeaders(1, 1, cluster.replica("n1"));
    OpenStreams streams = new OpenStreams(1, scheduler);
    locks = new LockService(keys, headers, streams);
    elections = new ElectionService(keys, headers, streams);
    keys.lease(LEASE);
  }

  @AfterEach
  void end() {
    scheduler.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "campaign"})
  void clientThatGetsItsAnswerKeepsThePlace(String what) {
    Call<Object> call = new Call<>();
    begin(what, LEASE, call);
    keys.run();
    assertThat(call.answered).isTrue();
    assertThat(places()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "campaign"})
  void clientThatGivesUpBeforeItsPlaceIsTakenKeepsNone(String what) {
    Call<Object> call = new Call<>();
    begin(what, LEASE, call);
    call.giveUp();
    keys.run();
    assertThat(call.answered).isFalse();
    assertThat(places()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "campaign"})
  void clientThatGivesUpWhileItsAnswerIsMadeKeepsNone(String what) {
    Call<Object> call = new Call<>();
    call.givesUpAtTheAnswer = true;
    begin(what, LEASE, call);
    keys.run();
    assertThat(call.answered).isTrue();
    assertThat(places()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "campaign"})
  void clientThatGivesUpWhileALeaseIsGrantedForItKeepsNone(String what) {
    Call<Object> call = new Call<>();
    begin(what, 0, call);
    call.giveUp();
    keys.run();
    assertThat(places()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "campaign"})
  void nextInLineIsNotKeptWaitingByOneWhoGaveUp(String what) {
    Call<Object> first = new Call<>();
    Call<Object> second = new Call<>();
    first.givesUpAtTheAnswer = true;
    begin(what, LEASE, first);
    keys.lease(LEASE + 1);
    begin(what, LEASE + 1, second);
    keys.run();
    assertThat(second.answered).isTrue();
    assertThat(places()).isEqualTo(1);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private void begin(String what, long leaseId, Call<Object> call) {
    if (what.equals("lock")) {
      locks.lock(LockRequest.newBuilder().setName(NAME).setLease(leaseId).build(), (Call) call);
    } else {
      elections.campaign(
          CampaignRequest.newBuilder().setName(NAME).setLease(leaseId).build(), (Call) call);
    }
  }

  private long places() {
    return keys.view().count(new KeyRange(Bytes.EMPTY, null), keys.view().revision());
  }

  /** A client's call: what it sent, and what it is told. */
  private static final class Call<T> extends ServerCallStreamObserver<T> {
    private @Nullable Runnable cancelHandler;
    private boolean cancelled;
    boolean answered;
    boolean givesUpAtTheAnswer;

    void giveUp() {
      cancelled = true;
      if (cancelHandler != null) {
        cancelHandler.run();
      }
    }

    @Override
    public void onNext(T answer) {
      answered = true;
      if (givesUpAtTheAnswer) {
        giveUp();
      }
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      cancelHandler = handler;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}
  }
}
