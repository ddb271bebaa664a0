package io.leasehold.server.fake;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One keep-alive stream, as a client holds it. */
public final class KeepAliveClient
    implements ClientResponseObserver<LeaseKeepAliveRequest, LeaseKeepAliveResponse> {
  public static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private final BlockingQueue<LeaseKeepAliveResponse> answers = new LinkedBlockingQueue<>();
  private final CountDownLatch isEnded = new CountDownLatch(1);
  private final boolean isReading;
  private volatile @Nullable Status end;
  private ClientCallStreamObserver<LeaseKeepAliveRequest> requests;

  private KeepAliveClient(boolean isReading) {
    this.isReading = isReading;
  }

  public static KeepAliveClient open(LeaseGrpc.LeaseStub stub) {
    KeepAliveClient client = new KeepAliveClient(true);
    stub.leaseKeepAlive(client);
    return client;
  }

  /** Opens a stream whose answers nobody reads before {@link #read}. */
  public static KeepAliveClient openUnread(LeaseGrpc.LeaseStub stub) {
    KeepAliveClient client = new KeepAliveClient(false);
    stub.leaseKeepAlive(client);
    return client;
  }

  public static LeaseGrpc.LeaseStub requiringLeader(LeaseGrpc.LeaseStub stub) {
    Metadata metadata = new Metadata();
    metadata.put(HAS_LEADER, "true");
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  public void send(long leaseId) {
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
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

  public void cancel() {
    requests.cancel("the test gave up", null);
  }

  public LeaseKeepAliveResponse next() throws InterruptedException {
    LeaseKeepAliveResponse answer = answers.poll(10, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("no answer within ten seconds; the stream's end: " + end);
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
  public void beforeStart(ClientCallStreamObserver<LeaseKeepAliveRequest> stream) {
    requests = stream;
    if (!isReading) {
      stream.disableAutoRequestWithInitial(0);
    }
  }

  @Override
  public void onNext(LeaseKeepAliveResponse answer) {
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
