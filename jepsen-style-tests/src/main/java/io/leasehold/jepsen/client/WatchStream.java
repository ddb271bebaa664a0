package io.leasehold.jepsen.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchProgressRequest;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchClosed;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One watch on one member, told to the sink as it was heard. It does not resume by itself: whoever
 * wants to go on makes another one from {@link #nextRevision}.
 *
 * <p>The sink is called by one thread of the network at a time; the methods may be called by any.
 */
public final class WatchStream implements AutoCloseable {
  /** When the answers of a watch are read. */
  public enum Reading {
    /** As they come. */
    ALL_THE_TIME,
    /** From {@link WatchStream#read} on; before that only that the member watches. */
    WHEN_TOLD
  }

  private final long number;
  private final String member;
  private final WatchPlan plan;
  private final Reading reading;
  private final RunClock clock;
  private final Consumer<? super Entry> sink;
  private final ClientCall<WatchRequest, WatchResponse> call;
  private final StreamObserver<WatchRequest> requests;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final List<Event> fragments = new ArrayList<>();
  private volatile boolean isOpen;
  private volatile boolean isWanted = true;
  private volatile long nextRevision;

  /**
   * @param number unique in the run
   */
  public WatchStream(
      long number,
      Connections connections,
      String member,
      WatchPlan plan,
      Reading reading,
      RunClock clock,
      Consumer<? super Entry> sink) {
    this.number = number;
    this.member = member;
    this.plan = plan;
    this.clock = clock;
    this.sink = sink;
    this.nextRevision = plan.startRevision();
    this.reading = reading;
    Channel channel =
        reading == Reading.WHEN_TOLD ? connections.narrowTo(member) : connections.to(member);
    call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    requests = ClientCalls.asyncBidiStreamingCall(call, new Answers());
    send(WatchRequest.newBuilder().setCreateRequest(creation()).build());
  }

  private WatchCreateRequest creation() {
    WatchCreateRequest.Builder create =
        WatchCreateRequest.newBuilder()
            .setKey(Messages.bytes(plan.range().key()))
            .setRangeEnd(Messages.end(plan.range()))
            .setStartRevision(plan.startRevision())
            .setProgressNotify(true)
            .setPrevKv(plan.previous())
            .setFragment(true);
    if (plan.noPuts()) {
      create.addFilters(WatchCreateRequest.FilterType.NOPUT);
    }
    if (plan.noDeletes()) {
      create.addFilters(WatchCreateRequest.FilterType.NODELETE);
    }
    return create.build();
  }

  private void send(WatchRequest request) {
    synchronized (requests) {
      requests.onNext(request);
    }
  }

  /** Begins to read what a watch that is read {@link Reading#WHEN_TOLD} has to tell. */
  public void read() {
    call.request(Integer.MAX_VALUE);
  }

  /** Asks the member to say how far it is. */
  public void askProgress() {
    if (!ended.isDone()) {
      send(
          WatchRequest.newBuilder()
              .setProgressRequest(WatchProgressRequest.getDefaultInstance())
              .build());
    }
  }

  public String member() {
    return member;
  }

  /** Whether the member said that it watches. */
  public boolean isOpen() {
    return isOpen && !ended.isDone();
  }

  /** The revision from which another watch goes on without a gap; 0 if this one heard nothing. */
  public long nextRevision() {
    return nextRevision;
  }

  /** Completes with the reason when the watch is over; it never fails. */
  public CompletableFuture<String> ended() {
    return ended.copy();
  }

  @Override
  public void close() {
    isWanted = false;
    call.cancel("no longer wanted", null);
  }

  private final class Answers implements ClientResponseObserver<WatchRequest, WatchResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
      if (reading == Reading.WHEN_TOLD) {
        stream.disableAutoRequestWithInitial(1);
      }
    }

    @Override
    public void onNext(WatchResponse answer) {
      long atNanos = clock.nowNanos();
      if (answer.getCanceled()) {
        end(answer.getCompactRevision(), reason(answer), atNanos);
        call.cancel("cancelled by the member", null);
      } else if (answer.getCreated()) {
        opened(answer, atNanos);
      } else {
        told(answer, atNanos);
      }
    }

    @Override
    public void onError(Throwable cause) {
      String reason = isWanted ? OutcomeMapper.describe(Status.fromThrowable(cause)) : "";
      end(0, reason, clock.nowNanos());
    }

    @Override
    public void onCompleted() {
      end(0, "the member ended the stream", clock.nowNanos());
    }
  }

  private static String reason(WatchResponse answer) {
    return answer.getCancelReason().isEmpty() ? "cancelled" : answer.getCancelReason();
  }

  private void opened(WatchResponse answer, long atNanos) {
    long created = answer.getHeader().getRevision();
    if (plan.startRevision() <= 0) {
      nextRevision = created + 1;
    }
    sink.accept(
        new WatchOpened(
            number,
            member,
            plan.range(),
            plan.startRevision(),
            created,
            plan.previous(),
            plan.noPuts(),
            plan.noDeletes(),
            plan.canonical(),
            atNanos));
    isOpen = true;
  }

  private void told(WatchResponse answer, long atNanos) {
    answer.getEventsList().forEach(event -> fragments.add(Messages.event(event)));
    if (answer.getFragment()) {
      return;
    }
    long revision = answer.getHeader().getRevision();
    sink.accept(new WatchAnswer(number, revision, fragments, atNanos));
    // A progress notification covers its revision; events say nothing of what follows them.
    nextRevision =
        fragments.isEmpty() ? revision + 1 : fragments.get(fragments.size() - 1).revision() + 1;
    fragments.clear();
  }

  private void end(long compactRevision, String reason, long atNanos) {
    if (!ended.isDone()) {
      sink.accept(new WatchClosed(number, compactRevision, reason, atNanos));
      ended.complete(reason);
    }
  }
}
