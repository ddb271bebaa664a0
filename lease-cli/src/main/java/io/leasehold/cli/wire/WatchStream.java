package io.leasehold.cli.wire;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.cli.time.Clocks;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A watch that goes on at another member, at the next revision, when its stream breaks. One message
 * is fetched at a time. One thread.
 */
public final class WatchStream implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Wire wire;
  private final Clocks clocks;
  private final WatchCreateRequest request;
  private long nextRevision;
  private boolean isFirst = true;
  private @Nullable Incoming incoming;

  public WatchStream(Wire wire, Clocks clocks, WatchCreateRequest request) {
    this.wire = wire;
    this.clocks = clocks;
    this.request = request;
    this.nextRevision = request.getStartRevision();
  }

  /**
   * Waits for the next answer: changes, an end, or that nothing happened.
   *
   * @throws WireException if the watch was refused, or nobody could be asked for the first time
   */
  public WatchResponse next() throws InterruptedException {
    for (int failures = 0; ; ) {
      Incoming from = incoming == null ? open() : incoming;
      from.call.request(1);
      Told told = from.told.take();
      WatchResponse answer = told.answer;
      if (answer == null) {
        failures++;
        broken(from, told.status, failures);
        continue;
      }
      failures = 0;
      isFirst = false;
      if (answer.getCreated() && !answer.getCanceled()) {
        if (nextRevision == 0) {
          // From now on means from here on, whatever happens to this stream.
          nextRevision = answer.getHeader().getRevision() + 1;
        }
        if (answer.getEventsCount() == 0) {
          continue;
        }
      }
      for (Event event : answer.getEventsList()) {
        nextRevision = event.getKv().getModRevision() + 1;
      }
      return answer;
    }
  }

  private Incoming open() {
    Incoming opened = new Incoming(wire.currentEndpoint());
    incoming = opened;
    opened.start(
        WatchRequest.newBuilder()
            .setCreateRequest(request.toBuilder().setStartRevision(nextRevision))
            .build());
    return opened;
  }

  private void broken(Incoming from, Status status, int failures) throws InterruptedException {
    incoming = null;
    boolean isTransient =
        switch (status.getCode()) {
          case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED, INTERNAL, UNKNOWN, OK -> true;
          default -> false;
        };
    boolean wereAllAsked = failures % wire.settings().endpoints().size() == 0;
    Duration waited = PAUSE.multipliedBy(failures);
    boolean isOver = isFirst && waited.compareTo(wire.settings().commandTimeout()) > 0;
    if (!isTransient || isOver) {
      throw new WireException(status.getCode(), from.endpoint + ": " + WireException.text(status));
    }
    wire.leave(from.endpoint);
    if (wereAllAsked) {
      clocks.pause(PAUSE);
    }
  }

  @Override
  public void close() {
    if (incoming != null) {
      incoming.call.cancel("no longer needed", null);
    }
  }

  /** An answer, or how the stream ended. */
  private record Told(@Nullable WatchResponse answer, Status status) {}

  /** One stream. gRPC's thread writes, the watching one reads. */
  private final class Incoming extends ClientCall.Listener<WatchResponse> {
    private final String endpoint;

    /** The one message that was asked for, and the end. */
    private final BlockingQueue<Told> told = new ArrayBlockingQueue<>(2);

    private final ClientCall<WatchRequest, WatchResponse> call;

    Incoming(String endpoint) {
      this.endpoint = endpoint;
      this.call = wire.open(endpoint, WatchGrpc.getWatchMethod(), this);
    }

    void start(WatchRequest create) {
      call.sendMessage(create);
    }

    @Override
    public void onMessage(WatchResponse message) {
      told.add(new Told(message, Status.OK));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      told.add(new Told(null, status));
    }
  }
}
