package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.leasehold.server.recipe.Failures;
import org.jspecify.annotations.Nullable;

/**
 * A unary call that may take as long as its client likes. It is answered once, from any thread; it
 * ends when the client gives up, when the member stops, and, if the client asked for that, when the
 * leader has been lost for long. Make it before the service method returns.
 */
final class LongCall<T> implements OpenStreams.OpenStream {
  private final ServerCallStreamObserver<T> observer;
  private final OpenStreams openCalls;
  private boolean over;
  private @Nullable Runnable givenUp;

  LongCall(ServerCallStreamObserver<T> observer, OpenStreams openCalls) {
    this.observer = observer;
    this.openCalls = openCalls;
    observer.setOnCancelHandler(this::giveUp);
    openCalls.add(this, RequireLeader.isRequired());
  }

  /** Runs an action when the call ends without an answer; at once when it already has. */
  void onGivenUp(Runnable action) {
    synchronized (this) {
      if (!over) {
        givenUp = action;
        return;
      }
    }
    action.run();
  }

  void send(T answer) {
    send(answer, () -> {});
  }

  /**
   * Answers, and runs an action if it is certain that the client will not see the answer: because
   * it had given up, or did so before the answer left this member. An answer that is lost on its
   * way is not noticed.
   */
  void send(T answer, Runnable missed) {
    if (!end(missed)) {
      missed.run();
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  void fail(Status status) {
    if (end(null)) {
      observer.onError(status.asRuntimeException());
    }
  }

  /** Answers with the cause of a failure; does nothing without one. */
  void failedIfNotNull(@Nullable Void nothing, @Nullable Throwable failure) {
    if (failure != null) {
      fail(statusOf(Failures.cause(failure)));
    }
  }

  /** Returns what a client is told of a failure. */
  static Status statusOf(Throwable cause) {
    return cause instanceof StatusRuntimeException known
        ? known.getStatus()
        : Status.INTERNAL.withDescription("leasehold: " + cause);
  }

  @Override
  public void cut(EtcdError why) {
    Runnable action;
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      action = takeGivenUp();
    }
    openCalls.remove(this);
    observer.onError(why.status().asRuntimeException());
    action.run();
  }

  /** The client is gone, maybe between the answer and the moment it was to leave. */
  private void giveUp() {
    Runnable action;
    synchronized (this) {
      over = true;
      action = takeGivenUp();
    }
    openCalls.remove(this);
    action.run();
  }

  private Runnable takeGivenUp() {
    Runnable action = givenUp;
    givenUp = null;
    return action == null ? () -> {} : action;
  }

  /**
   * Returns true to the first caller alone.
   *
   * @param missed what to do if the client turns out to be gone
   */
  private boolean end(@Nullable Runnable missed) {
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      givenUp = missed;
    }
    openCalls.remove(this);
    return true;
  }
}
