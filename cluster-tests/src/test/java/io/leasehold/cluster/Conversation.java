package io.leasehold.cluster;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream of requests to a member, and its answers, taken one at a time. Closing it cancels the
 * call. Test thread only.
 *
 * @param <Q> the requests
 * @param <A> the answers
 */
final class Conversation<Q, A> implements AutoCloseable {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private final Answers<A> answers = new Answers<>();
  private final ClientCallStreamObserver<Q> requests;

  private Conversation(Function<StreamObserver<A>, StreamObserver<Q>> method) {
    this.requests = (ClientCallStreamObserver<Q>) method.apply(answers);
  }

  static Conversation<LeaseKeepAliveRequest, LeaseKeepAliveResponse> renewals(
      MemberProcess member) {
    return new Conversation<>(LeaseGrpc.newStub(member.channel())::leaseKeepAlive);
  }

  /** Renews through a member that is to say so when it knows no leader. */
  static Conversation<LeaseKeepAliveRequest, LeaseKeepAliveResponse> renewalsRequiringLeader(
      MemberProcess member) {
    Metadata metadata = new Metadata();
    metadata.put(HAS_LEADER, "true");
    return new Conversation<>(
        LeaseGrpc.newStub(member.channel())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            ::leaseKeepAlive);
  }

  static Conversation<RenewBatchRequest, RenewBatchResponse> batches(MemberProcess member) {
    return new Conversation<>(RenewalsGrpc.newStub(member.channel())::renewBatch);
  }

  static Conversation<WatchRequest, WatchResponse> watchers(MemberProcess member) {
    return new Conversation<>(WatchGrpc.newStub(member.channel())::watch);
  }

  void send(Q request) {
    requests.onNext(request);
  }

  /** Sends a request and returns the next answer. */
  A ask(Q request) {
    send(request);
    return next();
  }

  /** Says that no more requests follow. */
  void halfClose() {
    requests.onCompleted();
  }

  /** Waits for the next answer. */
  A next() {
    try {
      @Nullable A answer = answers.untaken.poll(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
      if (answer == null) {
        throw new AssertionError("no answer within " + ANSWER_MAX + "; the end: " + answers.end);
      }
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Tells whether an answer is there to be taken. */
  boolean hasAnswer() {
    return !answers.untaken.isEmpty();
  }

  boolean isEnded() {
    return answers.end.get() != null;
  }

  /** Waits until the member has ended the call. */
  Status end() {
    return Conditions.awaitValue("the end of a call", ANSWER_MAX, answers.end::get);
  }

  @Override
  public void close() {
    requests.cancel("the test is done", null);
  }

  /** What came; filled by gRPC's threads. */
  private static final class Answers<A> implements StreamObserver<A> {
    final BlockingQueue<A> untaken = new LinkedBlockingQueue<>();
    final AtomicReference<@Nullable Status> end = new AtomicReference<>();

    @Override
    public void onNext(A answer) {
      untaken.add(answer);
    }

    @Override
    public void onError(Throwable cause) {
      end.compareAndSet(null, Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
      end.compareAndSet(null, Status.OK);
    }
  }
}
