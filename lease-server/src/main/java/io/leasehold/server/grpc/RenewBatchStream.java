package io.leasehold.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.core.time.NanoClock;
import io.leasehold.server.metrics.ServerMetrics;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.concurrent.Executor;

/**
 * One client's stream of batches of renewals. Each batch gets one answer; one that must wait holds
 * up no other.
 *
 * <p>Batches arrive on the event loop and most are answered there and then. The others are answered
 * by whatever thread has the answer; {@link SerialSender} keeps the two apart. At most {@link
 * #WINDOW} batches are without an answer, or answered but unread.
 *
 * <p>Nobody else on the event loop waits for more than one full batch: when so many leases have
 * been renewed, the next message is taken in the loop's next turn.
 */
final class RenewBatchStream implements StreamObserver<RenewBatchRequest>, OpenStreams.OpenStream {
  /**
   * Batches taken from the client ahead of their answers having been handed to the network. A
   * client with a million leases can have a quarter of them under way.
   */
  static final int WINDOW = 64;

  /** Of the batches that need memory alone one in so many is timed. */
  private static final int SAMPLE = 64;

  private final ServerCallStreamObserver<RenewBatchResponse> call;
  private final SerialSender<RenewBatchResponse> sender;
  private final LeaseRouter router;
  private final ResponseHeaders headers;
  private final OpenStreams openStreams;
  private final Executor nextTurn;
  private final NanoClock clock;
  private final ServerMetrics metrics;

  /** Counts down to the next batch that is timed. Confined to the event loop. */
  private int untilSample = SAMPLE;

  /** Leases renewed since this stream last let others have their turn. */
  private int leasesThisTurn;

  /* Guarded by this, which is never held while anything is called. */

  private int unanswered;

  /** Whether a message was asked for that has not come. */
  private boolean isAsked;

  /** Whether the others have their turn before the next message is asked for. */
  private boolean isYielding;

  private boolean isHalfClosed;

  /**
   * @param nextTurn runs on the event loop of this stream, after it has turned to the others
   */
  RenewBatchStream(
      ServerCallStreamObserver<RenewBatchResponse> call,
      LeaseRouter router,
      ResponseHeaders headers,
      OpenStreams openStreams,
      Executor nextTurn,
      NanoClock clock,
      ServerMetrics metrics) {
    this.call = call;
    this.sender = new SerialSender<>(call);
    this.router = router;
    this.headers = headers;
    this.openStreams = openStreams;
    this.nextTurn = nextTurn;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** Starts to read. Called while the service method runs. */
  void open(boolean requiresLeader) {
    call.disableAutoRequest();
    call.setOnCancelHandler(this::ended);
    call.setOnCloseHandler(this::ended);
    call.setOnReadyHandler(this::ask);
    openStreams.add(this, requiresLeader);
    ask();
  }

  @Override
  public void onNext(RenewBatchRequest request) {
    int count = request.getLeaseIdsCount();
    synchronized (this) {
      isAsked = false;
      unanswered++;
    }
    if (count > LeaseRouter.BATCH_LEASES_MAX) {
      cut(EtcdError.TOO_MANY_LEASES);
      return;
    }
    metrics.clientBatch(count);
    renew(request.getSequence(), leaseIds(request));
    leasesThisTurn += count;
    if (leasesThisTurn >= LeaseRouter.BATCH_LEASES_MAX) {
      leasesThisTurn = 0;
      yieldTurn();
    } else {
      ask();
    }
  }

  private static long[] leaseIds(RenewBatchRequest request) {
    long[] leaseIds = new long[request.getLeaseIdsCount()];
    for (int i = 0; i < leaseIds.length; i++) {
      leaseIds[i] = request.getLeaseIds(i);
    }
    return leaseIds;
  }

  private void renew(long sequence, long[] leaseIds) {
    // Filled before renewing: a client may go on from this revision and miss nothing of a lease's
    // end.
    ResponseHeader header = headers.current();
    boolean isSampled = --untilSample == 0;
    untilSample = isSampled ? SAMPLE : untilSample;
    long startNanos = isSampled ? clock.nanoTime() : 0;
    long ttlMillis = leaseIds.length == 0 ? 0 : router.renewNow(leaseIds);
    if (ttlMillis < 0) {
      router.renew(leaseIds, new WaitingBatch(header, sequence, leaseIds.length, clock.nanoTime()));
      return;
    }
    sender.send(
        RenewBatchResponse.newBuilder()
            .setHeader(header)
            .setSequence(sequence)
            .setTtlMillis(ttlMillis)
            .build());
    metrics.renewedNow(leaseIds.length);
    if (isSampled) {
      metrics.renewalAnswered(clock.nanoTime() - startNanos);
    }
    answered();
  }

  @Override
  public void onError(Throwable cause) {
    ended();
  }

  @Override
  public void onCompleted() {
    synchronized (this) {
      isHalfClosed = true;
    }
    completeIfOver();
  }

  @Override
  public void cut(EtcdError why) {
    sender.fail(why.status());
    ended();
  }

  private void ended() {
    openStreams.remove(this);
  }

  private void answered() {
    synchronized (this) {
      unanswered--;
    }
    completeIfOver();
  }

  private void completeIfOver() {
    synchronized (this) {
      if (!isHalfClosed || unanswered > 0) {
        return;
      }
    }
    sender.complete();
    ended();
  }

  /** Asks for the next message, if there is room for it and none was asked for. Any thread. */
  private void ask() {
    synchronized (this) {
      if (isAsked || isYielding || unanswered >= WINDOW || !call.isReady()) {
        return;
      }
      isAsked = true;
    }
    call.request(1);
  }

  private void yieldTurn() {
    synchronized (this) {
      isYielding = true;
    }
    nextTurn.execute(
        () -> {
          synchronized (this) {
            isYielding = false;
          }
          ask();
        });
  }

  /** A batch that waits for another member, the log or a proof of leadership. */
  private final class WaitingBatch implements LeaseRouter.BatchCallback {
    private final ResponseHeader header;
    private final long sequence;
    private final int count;
    private final long startNanos;

    WaitingBatch(ResponseHeader header, long sequence, int count, long startNanos) {
      this.header = header;
      this.sequence = sequence;
      this.count = count;
      this.startNanos = startNanos;
    }

    @Override
    public void answered(long ttlMillis, long[] notFound, long[] undecided) {
      RenewBatchResponse.Builder answer =
          RenewBatchResponse.newBuilder()
              .setHeader(header)
              .setSequence(sequence)
              .setTtlMillis(ttlMillis);
      for (long leaseId : notFound) {
        answer.addNotFound(leaseId);
      }
      for (long leaseId : undecided) {
        answer.addUndecided(leaseId);
      }
      sender.send(answer.build());
      int renewed = count - notFound.length - undecided.length;
      metrics.batchAnswered(renewed, notFound.length, undecided.length);
      metrics.renewalAnswered(clock.nanoTime() - startNanos);
      RenewBatchStream.this.answered();
      ask();
    }

    @Override
    public void failed(RequestFailure failure) {
      metrics.batchAnswered(0, 0, count);
      cut(EtcdError.of(failure));
      RenewBatchStream.this.answered();
    }
  }
}
