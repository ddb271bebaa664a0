package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stream of renewals that grpc-java carries: one with a deadline, with compressed messages, or
 * with anything else that {@link KeepAliveFrames} leaves to it. Asks the client for {@link #WINDOW}
 * requests ahead of their answers; {@link SerialSender} keeps answers of several threads apart.
 */
final class GrpcKeepAlive extends KeepAliveStream implements StreamObserver<LeaseKeepAliveRequest> {
  private final ServerCallStreamObserver<LeaseKeepAliveResponse> call;
  private final SerialSender<LeaseKeepAliveResponse> sender;

  /** Answered requests that were not yet replaced by asking for more. */
  private final AtomicInteger credits = new AtomicInteger();

  private int untilSample = SAMPLE;

  GrpcKeepAlive(KeepAlives shared, ServerCallStreamObserver<LeaseKeepAliveResponse> call) {
    super(shared);
    this.call = call;
    this.sender = new SerialSender<>(call);
  }

  /** Starts to read. Called while the service method runs. */
  void open(boolean requiresLeader) {
    call.disableAutoRequest();
    call.setOnCancelHandler(this::ended);
    call.setOnCloseHandler(this::ended);
    call.setOnReadyHandler(this::askForMore);
    opened(requiresLeader);
    call.request(WINDOW);
  }

  @Override
  public void onNext(LeaseKeepAliveRequest request) {
    // Filled before renewing: a client may go on from this revision and miss nothing of the lease's
    // end.
    ResponseHeader header = shared.headers().current();
    long leaseId = request.getID();
    boolean isSampled = --untilSample == 0;
    long startNanos = isSampled ? shared.clock().nanoTime() : 0;
    long ttlMillis = shared.router().renewNow(leaseId);
    if (ttlMillis > 0) {
      answer(header, leaseId, ttlMillis);
      shared.metrics().renewedNow(1);
      if (isSampled) {
        shared.metrics().renewalAnswered(shared.clock().nanoTime() - startNanos);
      }
    } else {
      renewLater(header, leaseId);
    }
    untilSample = isSampled ? SAMPLE : untilSample;
  }

  @Override
  public void onError(Throwable cause) {
    ended();
  }

  @Override
  public void onCompleted() {
    inputEnded();
  }

  @Override
  void answer(ResponseHeader header, long leaseId, long ttlMillis) {
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

  @Override
  void end(Status status) {
    if (status.isOk()) {
      sender.complete();
    } else {
      sender.fail(status);
    }
  }

  private void askForMore() {
    int count = credits.getAndSet(0);
    if (count > 0) {
      call.request(count);
    }
  }
}
