package io.leasehold.client.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.client.KeyChange;
import io.leasehold.client.KeyRange;
import io.leasehold.client.WatchEvent;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.WatchEvent.Compacted;
import io.leasehold.client.WatchEvent.Ended;
import io.leasehold.client.WatchListener;
import io.leasehold.client.Watcher;
import io.leasehold.client.internal.EventQueue;
import io.leasehold.client.internal.OwnerThread;
import io.leasehold.client.internal.time.NanoClock;
import io.leasehold.client.internal.time.RandomSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch, from stream to stream: it knows the next revision it has not told, and goes on there.
 * The next message is fetched when the listener has heard the one before.
 *
 * <p>State is confined to the owner thread.
 */
final class ResumedWatch implements Watcher {
  private static final Logger LOG = LoggerFactory.getLogger(ResumedWatch.class);
  private static final long PAUSE_FIRST_NANOS = Duration.ofMillis(20).toNanos();
  private static final int PAUSE_DOUBLINGS_MAX = 5;

  private final Endpoints endpoints;
  private final OwnerThread owner;
  private final NanoClock clock;
  private final RandomSource random;
  private final KeyRange range;
  private final Consumer<ResumedWatch> closed;
  private final EventQueue<Told> events;

  private long nextRevision;
  private int failures;
  private boolean isClosed;
  private @Nullable Endpoint endpoint;
  private @Nullable Incoming incoming;

  /** An event, and the stream to ask for more once it was told. */
  private record Told(WatchEvent event, @Nullable Incoming from) {}

  ResumedWatch(
      Endpoints endpoints,
      OwnerThread owner,
      NanoClock clock,
      RandomSource random,
      Executor executor,
      WatchListener listener,
      KeyRange range,
      long fromRevision,
      Consumer<ResumedWatch> closed) {
    this.endpoints = endpoints;
    this.owner = owner;
    this.clock = clock;
    this.random = random;
    this.range = range;
    this.nextRevision = fromRevision;
    this.closed = closed;
    this.events =
        new EventQueue<>(
            executor,
            told -> {
              try {
                listener.on(told.event);
              } finally {
                if (told.from != null) {
                  owner.execute(told.from::more);
                }
              }
            });
  }

  void start() {
    owner.execute(this::open);
  }

  private void open() {
    if (isClosed) {
      return;
    }
    endpoint = endpoints.current();
    ClientCall<WatchRequest, WatchResponse> call =
        endpoint.channel().newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    incoming = new Incoming(call);
    call.start(incoming, Headers.requireLeader());
    call.sendMessage(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(Messages.bytes(range.from()))
                    .setRangeEnd(Messages.bytes(range.end()))
                    .setStartRevision(nextRevision))
            .build());
    call.request(1);
  }

  private void heard(Incoming from, WatchResponse message) {
    if (from != incoming) {
      return;
    }
    failures = 0;
    if (message.getCompactRevision() != 0) {
      long lostFrom = nextRevision;
      nextRevision = message.getCompactRevision();
      events.tell(new Told(new Compacted(lostFrom, nextRevision), null));
      reopen();
      return;
    }
    if (message.getCanceled()) {
      canceled(message.getCancelReason());
      return;
    }
    if (message.getCreated() && nextRevision == 0) {
      // From now on means from here on, whatever happens to this stream.
      nextRevision = message.getHeader().getRevision() + 1;
    }
    if (message.getEventsCount() == 0) {
      from.more();
      return;
    }
    List<KeyChange> changes = message.getEventsList().stream().map(Messages::change).toList();
    nextRevision = changes.get(changes.size() - 1).entry().modRevision() + 1;
    events.tell(new Told(new Changed(changes), from));
  }

  private void canceled(String reason) {
    if (reason.contains("permission denied") || reason.contains("key is not provided")) {
      end(reason);
    } else {
      LOG.debug("a watch was ended by the member: {}", reason);
      reopen();
    }
  }

  private void ended(Incoming from, Status status) {
    if (from != incoming) {
      return;
    }
    boolean isRefused =
        switch (status.getCode()) {
          case INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED -> true;
          default -> false;
        };
    if (isRefused) {
      String description = status.getDescription();
      end(description == null ? status.getCode().name() : description);
      return;
    }
    LOG.debug("a stream of a watch ended: {}", status);
    if (endpoint != null) {
      Endpoint left = endpoint;
      // Not told of its own leaving.
      endpoint = null;
      endpoints.leave(left);
    }
    reopen();
  }

  /** Goes on elsewhere if this watch is at a member that others found silent. Any thread. */
  void leave(Endpoint left) {
    owner.execute(
        () -> {
          if (left.equals(endpoint)) {
            reopen();
          }
        });
  }

  private void reopen() {
    if (isClosed) {
      return;
    }
    drop();
    long most = PAUSE_FIRST_NANOS << Math.min(failures, PAUSE_DOUBLINGS_MAX);
    failures++;
    long pauseNanos = (long) (most * (0.5 + random.nextShare() / 2));
    var unused = owner.executeAt(clock.nanoTime() + pauseNanos, this::openUnlessOpen);
  }

  private void openUnlessOpen() {
    if (incoming == null) {
      open();
    }
  }

  private void drop() {
    Incoming before = incoming;
    incoming = null;
    endpoint = null;
    if (before != null) {
      before.call.cancel("no longer needed", null);
    }
  }

  private void end(String reason) {
    if (!isClosed) {
      isClosed = true;
      drop();
      closed.accept(this);
      events.tell(new Told(new Ended(reason), null));
    }
  }

  @Override
  public void close() {
    owner.execute(() -> end("closed"));
  }

  /** What gRPC tells of one stream, on its own thread. */
  private final class Incoming extends ClientCall.Listener<WatchResponse> {
    private final ClientCall<WatchRequest, WatchResponse> call;

    Incoming(ClientCall<WatchRequest, WatchResponse> call) {
      this.call = call;
    }

    void more() {
      if (this == incoming) {
        call.request(1);
      }
    }

    @Override
    public void onMessage(WatchResponse message) {
      owner.execute(() -> heard(this, message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      owner.execute(() -> ended(this, status));
    }
  }
}
