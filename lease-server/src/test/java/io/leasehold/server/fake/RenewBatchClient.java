package io.leasehold.server.fake;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** One stream of batches, as a client holds it. */
public final class RenewBatchClient
    implements ClientResponseObserver<RenewBatchRequest, RenewBatchResponse> {
  private final BlockingQueue<RenewBatchResponse> answers = new LinkedBlockingQueue<>();
  private final CountDownLatch isEnded = new CountDownLatch(1);
  private final boolean isReading;
  private volatile @Nullable Status end;
  private ClientCallStreamObserver<RenewBatchRequest> requests;
  private long sequence;

  private RenewBatchClient(boolean isReading) {
    this.isReading = isReading;
  }

  public static RenewBatchClient open(RenewalsGrpc.RenewalsStub stub) {
    RenewBatchClient client = new RenewBatchClient(true);
    stub.renewBatch(client);
    return client;
  }

  /** Opens a stream whose answers nobody reads before {@link #read}. */
  public static RenewBatchClient openUnread(RenewalsGrpc.RenewalsStub stub) {
    RenewBatchClient client = new RenewBatchClient(false);
    stub.renewBatch(client);
    return client;
  }

  /** Sends a batch, and returns its sequence number. */
  public long send(long... leaseIds) {
    sequence++;
    requests.onNext(
        RenewBatchRequest.newBuilder()
            .setSequence(sequence)
            .addAllLeaseIds(Arrays.stream(leaseIds).boxed().toList())
            .build());
    return sequence;
  }

  /** Sends a batch of the leases from one ID to another. */
  public long sendRange(long first, long last) {
    return send(LongStream.rangeClosed(first, last).toArray());
  }

  public boolean isReady() {
    return requests.isReady();
  }

  public void read(int count) {
    requests.request(count);
  }

  public void halfClose() {
    requests.onCompleted();
  }

  public RenewBatchResponse next() throws InterruptedException {
    RenewBatchResponse answer = answers.poll(10, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("no answer within ten seconds; the stream's end: " + end);
    }
    return answer;
  }

  /** Sends a batch and waits for its answer. */
  public RenewBatchResponse renew(long... leaseIds) throws InterruptedException {
    long sent = send(leaseIds);
    RenewBatchResponse answer = next();
    if (answer.getSequence() != sent) {
      throw new AssertionError("answer to " + answer.getSequence() + " instead of " + sent);
    }
    return answer;
  }

  public int answered() {
    return answers.size();
  }

  /** Waits for the end of the stream. */
  public Status end() throws InterruptedException {
    if (!isEnded.await(15, TimeUnit.SECONDS)) {
      throw new AssertionError("the stream did not end");
    }
    return end;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<RenewBatchRequest> stream) {
    requests = stream;
    if (!isReading) {
      stream.disableAutoRequestWithInitial(0);
    }
  }

  @Override
  public void onNext(RenewBatchResponse answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable cause) {
    end = Status.fromThrowable(cause);
    isEnded.countDown();
  }

  @Override
  public void onCompleted() {
    end = Status.OK;
    isEnded.countDown();
  }
}
