package io.leasehold.server.grpc;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest.FilterType;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import io.leasehold.server.route.Recovery;
import io.leasehold.server.watch.Subscriber;
import io.leasehold.server.watch.WatchHub;
import io.leasehold.server.watch.WatchRefusal;
import io.leasehold.server.watch.WatchSink;
import io.leasehold.server.watch.WatchSpec;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream of watchers. Requests arrive on the event loop and are handed to the hub,
 * which answers on its dispatcher thread; the event loop writes the answers.
 *
 * <p>At most {@link #WINDOW} requests are without an answer, or answered but unread: a client that
 * does not read is not read from. Events are taken while the {@link LoopSender} has room, so that
 * what a stream holds is bounded, however slow its client is.
 *
 * <p>A client that says it will send no more requests keeps its watchers, as in etcd.
 */
final class WatchStream implements StreamObserver<WatchRequest>, WatchSink, OpenStreams.OpenStream {
  /** Requests taken from the client ahead of their answers having been handed to the network. */
  static final int WINDOW = 128;

  /** Requests are asked for in portions, since each asking costs. */
  private static final int PORTION = 32;

  /** Messages that may be cut are cut at this size: etcd's, which is its largest request. */
  static final int FRAGMENT_BYTES = 1536 * 1024;

  private static final ByteString ZERO_BYTE = ByteString.copyFrom(new byte[1]);

  private final ServerCallStreamObserver<WatchResponse> call;
  private final LoopSender<WatchResponse> sender;
  private final Recovery recovery;
  private final ResponseHeaders headers;
  private final OpenStreams openStreams;
  private final ScheduledExecutorService scheduler;
  private final long progressIntervalMillis;
  private final Subscriber subscriber;

  /** Answered requests that were not yet replaced by asking for more. */
  private final AtomicInteger credits = new AtomicInteger();

  /** Guarded by this. */
  private @Nullable Future<?> progressTicks;

  /** Guarded by this. */
  private boolean isEnded;

  /**
   * @param loop the call's event loop
   */
  WatchStream(
      ServerCallStreamObserver<WatchResponse> call,
      Executor loop,
      WatchHub hub,
      Recovery recovery,
      ResponseHeaders headers,
      OpenStreams openStreams,
      ScheduledExecutorService scheduler,
      long progressIntervalMillis) {
    this.call = call;
    this.sender = new LoopSender<>(call, loop, this::roomAgain, this::ended);
    this.recovery = recovery;
    this.headers = headers;
    this.openStreams = openStreams;
    this.scheduler = scheduler;
    this.progressIntervalMillis = progressIntervalMillis;
    this.subscriber = hub.open(this);
  }

  /**
   * Starts to read; not before this member knows what "from now on" means. Called while the service
   * method runs.
   */
  void open(boolean requiresLeader) {
    call.disableAutoRequest();
    call.setOnCancelHandler(this::ended);
    call.setOnCloseHandler(this::ended);
    call.setOnReadyHandler(this::ready);
    openStreams.add(this, requiresLeader);
    recovery.whenOver(() -> call.request(WINDOW));
  }

  /* The client's side. */

  @Override
  public void onNext(WatchRequest request) {
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(request.getCreateRequest());
      case CANCEL_REQUEST -> subscriber.cancel(request.getCancelRequest().getWatchId());
      case PROGRESS_REQUEST -> subscriber.requestProgress();
      case REQUESTUNION_NOT_SET -> handled();
    }
  }

  private void create(WatchCreateRequest request) {
    if (request.getProgressNotify()) {
      startProgressTicks();
    }
    ByteString key = request.getKey().isEmpty() ? ZERO_BYTE : request.getKey();
    List<FilterType> filters = request.getFiltersList();
    subscriber.create(
        request.getWatchId(),
        new WatchSpec(
            KeyRange.of(bytes(key), bytes(request.getRangeEnd())),
            request.getStartRevision(),
            !filters.contains(FilterType.NOPUT),
            !filters.contains(FilterType.NODELETE),
            request.getPrevKv(),
            request.getProgressNotify(),
            request.getFragment()));
  }

  private static Bytes bytes(ByteString string) {
    return Bytes.wrap(string.toByteArray());
  }

  @Override
  public void onError(Throwable cause) {
    ended();
  }

  @Override
  public void onCompleted() {
    // Watchers live on until the client cancels the call.
  }

  @Override
  public void cut(EtcdError why) {
    sender.fail(why.status());
    ended();
  }

  private void ready() {
    sender.write();
    askForMore();
  }

  private void roomAgain() {
    subscriber.ready();
  }

  private void ended() {
    openStreams.remove(this);
    subscriber.close();
    synchronized (this) {
      isEnded = true;
      if (progressTicks != null) {
        progressTicks.cancel(false);
      }
    }
  }

  private synchronized void startProgressTicks() {
    if (progressTicks != null || isEnded) {
      return;
    }
    try {
      progressTicks =
          scheduler.scheduleAtFixedRate(
              subscriber::progressDue,
              progressIntervalMillis,
              progressIntervalMillis,
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The member stops and cuts every stream anyway.
      cut(EtcdError.STOPPED);
    }
  }

  private void askForMore() {
    int count = credits.getAndSet(0);
    if (count > 0) {
      call.request(count);
    }
  }

  /* The hub's side. */

  @Override
  public boolean isReady() {
    return sender.hasRoom();
  }

  @Override
  public void handled() {
    if (credits.incrementAndGet() >= PORTION && call.isReady()) {
      askForMore();
    }
  }

  @Override
  public void created(long watchId, long revision) {
    sender.send(message(watchId, revision).setCreated(true).build());
  }

  @Override
  public void refused(WatchRefusal why, long revision) {
    sender.send(
        message(NO_WATCHER, revision)
            .setCreated(true)
            .setCanceled(true)
            .setCancelReason(reason(why))
            .build());
  }

  /** Returns etcd's texts: clients may match on them. */
  private static String reason(WatchRefusal why) {
    return switch (why) {
      case NEGATIVE_START -> EtcdError.COMPACTED.text();
      case DUPLICATE_ID -> "mvcc: duplicate watch ID provided on the WatchStream";
      case EMPTY_RANGE -> "mvcc: watcher range is empty";
      case TOO_MANY_WATCHERS -> EtcdError.TOO_MANY_REQUESTS.text();
    };
  }

  @Override
  public void events(long watchId, long revision, List<Event> events, boolean mayFragment) {
    WatchResponse.Builder message = message(watchId, revision);
    if (mayFragment) {
      int bytes = 0;
      for (Event event : events) {
        int eventBytes = event.getSerializedSize();
        if (message.getEventsCount() > 0 && bytes + eventBytes > FRAGMENT_BYTES) {
          sender.send(message.setFragment(true).build());
          message = message(watchId, revision);
          bytes = 0;
        }
        message.addEvents(event);
        bytes += eventBytes;
      }
    } else {
      message.addAllEvents(events);
    }
    sender.send(message.build());
  }

  @Override
  public void canceled(long watchId, long revision) {
    sender.send(message(watchId, revision).setCanceled(true).build());
  }

  @Override
  public void compacted(long watchId, long revision, long compactedRevision) {
    sender.send(
        message(watchId, revision)
            .setCanceled(true)
            .setCompactRevision(compactedRevision)
            .setCancelReason(EtcdError.COMPACTED.text())
            .build());
  }

  @Override
  public void progress(long watchId, long revision) {
    sender.send(message(watchId, revision).build());
  }

  @Override
  public void failed() {
    cut(EtcdError.STOPPED);
  }

  private WatchResponse.Builder message(long watchId, long revision) {
    return WatchResponse.newBuilder().setHeader(headers.at(revision)).setWatchId(watchId);
  }
}
