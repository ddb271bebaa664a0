package io.leasehold.cluster;

import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One watcher on one member, and everything it was told. Closing it ends its stream. */
final class Watching implements AutoCloseable {
  private static final Duration CREATED_MAX = Duration.ofSeconds(10);

  private final List<Told> told = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final StreamObserver<WatchRequest> requests;
  private final MemberProcess member;

  /**
   * An answer with its time of arrival.
   *
   * @param atNanos on this machine's monotonic clock
   */
  record Told(WatchResponse response, long atNanos) {}

  private Watching(MemberProcess member) {
    this.member = member;
    this.requests =
        WatchGrpc.newStub(member.channel())
            .watch(
                new StreamObserver<>() {
                  @Override
                  public void onNext(WatchResponse response) {
                    told.add(new Told(response, System.nanoTime()));
                  }

                  @Override
                  public void onError(Throwable cause) {
                    failure.compareAndSet(null, cause);
                  }

                  @Override
                  public void onCompleted() {}
                });
  }

  /** Watches all keys with the prefix, with what they were before, once the watcher is created. */
  static Watching prefix(MemberProcess member, String prefix, long startRevision) {
    return create(
        member,
        WatchCreateRequest.newBuilder()
            .setKey(Keys.bytes(prefix))
            .setRangeEnd(Keys.endOf(prefix))
            .setStartRevision(startRevision)
            .setPrevKv(true)
            .build());
  }

  static Watching create(MemberProcess member, WatchCreateRequest request) {
    Watching watching = new Watching(member);
    watching.requests.onNext(WatchRequest.newBuilder().setCreateRequest(request).build());
    Conditions.await(
        "a watcher is created on " + member.name(),
        CREATED_MAX,
        () -> {
          watching.failOnError();
          return !watching.told.isEmpty();
        });
    return watching;
  }

  /** Returns what arrived so far, the word that the watcher is created included. */
  List<Told> told() {
    failOnError();
    synchronized (told) {
      return List.copyOf(told);
    }
  }

  /** Returns the answers with events so far. */
  List<Told> batches() {
    return told().stream().filter(one -> one.response().getEventsCount() > 0).toList();
  }

  List<Event> events() {
    return told().stream().flatMap(one -> one.response().getEventsList().stream()).toList();
  }

  /** Waits until so many events have come, and returns all there are. */
  List<Event> awaitEvents(int count, Duration max) {
    Conditions.await(count + " events on " + member.name(), max, () -> events().size() >= count);
    return events();
  }

  private void failOnError() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError("the watch on " + member.name() + " broke", cause);
    }
  }

  @Override
  public void close() {
    requests.onError(
        io.grpc.Status.CANCELLED.withDescription("the test is done").asRuntimeException());
  }
}
