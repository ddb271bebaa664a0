package io.leasehold.server.fake;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.leasehold.api.etcdserverpb.WatchCancelRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchProgressRequest;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One watch stream, as a client holds it. */
public final class WatchClient implements ClientResponseObserver<WatchRequest, WatchResponse> {
  private final BlockingQueue<WatchResponse> answers = new LinkedBlockingQueue<>();
  private final CountDownLatch isEnded = new CountDownLatch(1);
  private final boolean isReading;
  private volatile @Nullable Status end;
  private ClientCallStreamObserver<WatchRequest> requests;

  private WatchClient(boolean isReading) {
    this.isReading = isReading;
  }

  public static WatchClient open(Channel channel) {
    WatchClient client = new WatchClient(true);
    WatchGrpc.newStub(channel).watch(client);
    return client;
  }

  /** Opens a stream whose answers nobody reads before {@link #read}. */
  public static WatchClient openUnread(Channel channel) {
    WatchClient client = new WatchClient(false);
    WatchGrpc.newStub(channel).watch(client);
    return client;
  }

  public static WatchClient openRequiringLeader(Channel channel) {
    WatchClient client = new WatchClient(true);
    Metadata metadata = new Metadata();
    metadata.put(KeepAliveClient.HAS_LEADER, "true");
    WatchGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
        .watch(client);
    return client;
  }

  /** Returns a request for a key from a revision on, 0 for now. */
  public static WatchCreateRequest.Builder key(String key, long startRevision) {
    return WatchCreateRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setStartRevision(startRevision);
  }

  /** Returns a request for a prefix that ends in a slash. */
  public static WatchCreateRequest.Builder folder(String prefix, long startRevision) {
    return key(prefix, startRevision)
        .setRangeEnd(ByteString.copyFromUtf8(prefix.substring(0, prefix.length() - 1) + "0"));
  }

  public void create(WatchCreateRequest.Builder request) {
    requests.onNext(WatchRequest.newBuilder().setCreateRequest(request).build());
  }

  /** Creates a watcher and returns the answer. */
  public WatchResponse created(WatchCreateRequest.Builder request) throws InterruptedException {
    create(request);
    return next();
  }

  public void cancel(long watchId) {
    requests.onNext(
        WatchRequest.newBuilder()
            .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watchId))
            .build());
  }

  public void requestProgress() {
    requests.onNext(
        WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
            .build());
  }

  /** Sends a request that asks for nothing. */
  public void sendNothing() {
    requests.onNext(WatchRequest.getDefaultInstance());
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

  public void abandon() {
    requests.cancel("the test gave up", null);
  }

  public WatchResponse next() throws InterruptedException {
    WatchResponse answer = answers.poll(10, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("no message within ten seconds; the stream's end: " + end);
    }
    return answer;
  }

  /** Returns how many messages wait to be taken by {@link #next}. */
  public int waiting() {
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
  public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
    requests = stream;
    if (!isReading) {
      stream.disableAutoRequestWithInitial(0);
    }
  }

  @Override
  public void onNext(WatchResponse answer) {
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
