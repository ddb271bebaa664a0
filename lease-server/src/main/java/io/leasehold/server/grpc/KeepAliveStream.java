package io.leasehold.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.core.time.NanoClock;
import io.leasehold.server.metrics.ServerMetrics;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client's stream of renewals. Each request gets one answer; one that must wait holds up no
 * other.
 *
 * <p>Requests arrive on the event loop and most are answered there and then. The others are
 * answered by whatever thread has the answer; {@link SerialSender} keeps the two apart. At most
 * {@link #WINDOW} requests are without an answer, or answered but unread: a client that does not
 * read is not read from.
 */
final class KeepAliveStream
    implements StreamObserver<LeaseKeepAliveRequest>, OpenStreams.OpenStream {
  /** Requests taken from the client ahead of their answers having been handed to the network. */
  static final int WINDOW = 1024;

  /** Requests are asked for in portions, since each asking costs. */
  private static final int PORTION = 64;

  /** Of the renewals that need memory alone one in so many is timed. */
  private static final int SAMPLE = 64;

  private final ServerCallStreamObserver<LeaseKeepAliveResponse> call;
  private final SerialSender<LeaseKeepAliveResponse> sender;
  private final LeaseRouter router;
  private final ResponseHeaders headers;
  private final OpenStreams openStreams;
  private final NanoClock clock;
  private final ServerMetrics metrics;

  /** Answered requests that were not yet replaced by asking for more. */
  private final AtomicInteger credits = new AtomicInteger();

  /** Renewals that wait, and one more while the client may send. */
  private final AtomicInteger open = new AtomicInteger(1);

  private int untilSample = SAMPLE;

  KeepAliveStream(
      ServerCallStreamObserver<LeaseKeepAliveResponse> call,
      LeaseRouter router,
      ResponseHeaders headers,
      OpenStreams openStreams,
      NanoClock clock,
      ServerMetrics metrics) {
    this.call = call;
    this.sender = new SerialSender<>(call);
    this.router = router;
    this.headers = headers;
    this.openStreams = openStreams;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** Starts to read. Called while the service method runs. */
  void open(boolean requiresLeader) {
    call.disableAutoRequest();
    call.setOnCancelHandler(this::ended);
    call.setOnCloseHandler(this::ended);
    call.setOnReadyHandler(this::askForMore);
    openStreams.add(this, requiresLeader);
    call.request(WINDOW);
  }

  @Override
  public void onNext(LeaseKeepAliveRequest request) {
    // Filled before renewing: a client may go on from this revision and miss nothing of the lease's
    // end.
    ResponseHeader header = headers.current();
    long leaseId = request.getID();
    boolean isSampled = --untilSample == 0;
    long startNanos = isSampled ? clock.nanoTime() : 0;
    long ttlMillis = router.renewNow(leaseId);
    if (ttlMillis > 0) {
      answer(header, leaseId, ttlMillis);
      metrics.renewedNow();
      if (isSampled) {
        untilSample = SAMPLE;
        metrics.renewalAnswered(clock.nanoTime() - startNanos);
      }
    } else {
      untilSample = isSampled ? SAMPLE : untilSample;
      open.incrementAndGet();
      router.renew(leaseId, new WaitingRenewal(header, leaseId, clock.nanoTime()));
    }
  }

  @Override
  public void onError(Throwable cause) {
    ended();
  }

  @Override
  public void onCompleted() {
    close();
  }

  @Override
  public void cut(EtcdError why) {
    sender.fail(why.status());
    ended();
  }

  private void ended() {
    openStreams.remove(this);
  }

  private void answer(ResponseHeader header, long leaseId, long ttlMillis) {
    sender.send(
        LeaseKeepAliveResponse.newBuilder()
            .setHeader(header)
            .setID(leaseId)
            .setTTL(ttlMillis / 1000)
            .build());
    if (credits.incrementAndGet() >= PORTION && call.isReady()) {
      askForMore();
    }
  }

  private void askForMore() {
    int count = credits.getAndSet(0);
    if (count > 0) {
      call.request(count);
    }
  }

  private void close() {
    if (open.decrementAndGet() == 0) {
      sender.complete();
      ended();
    }
  }

  /** A renewal that waits for another member, the log or a proof of leadership. */
  private final class WaitingRenewal implements LeaseRouter.RenewalCallback {
    private final ResponseHeader header;
    private final long leaseId;
    private final long startNanos;

    WaitingRenewal(ResponseHeader header, long leaseId, long startNanos) {
      this.header = header;
      this.leaseId = leaseId;
      this.startNanos = startNanos;
    }

    @Override
    public void renewed(long ttlMillis) {
      answer(header, leaseId, ttlMillis);
      metrics.renewedLater();
      answered();
    }

    @Override
    public void notFound() {
      answer(header, leaseId, 0);
      metrics.renewalNotFound();
      answered();
    }

    @Override
    public void failed(RequestFailure failure) {
      metrics.renewalFailed();
      cut(EtcdError.of(failure));
      close();
    }

    private void answered() {
      metrics.renewalAnswered(clock.nanoTime() - startNanos);
      close();
    }
  }
}
