package io.leasehold.server.route;

import org.jspecify.annotations.Nullable;

/**
 * A request on its way to a leader, whichever that is, until it is answered or its deadline passes.
 *
 * <p>An answer and the deadline may come at the same time on different threads: {@link #settle}
 * picks one.
 */
abstract class RoutedRequest {
  final LeaseRouter router;
  final long deadlineNanos;

  /* Links of the list in DeadlineList, which guards them. */
  @Nullable RoutedRequest earlier;
  @Nullable RoutedRequest later;
  boolean isListed;

  private boolean isSettled;

  RoutedRequest(LeaseRouter router, long deadlineNanos) {
    this.router = router;
    this.deadlineNanos = deadlineNanos;
  }

  /** Asks the leader of {@code term}. */
  abstract void attempt(Leader leader, long term);

  /** Tells whoever asked. Called once, after this request was settled. */
  abstract void fail(RequestFailure failure);

  /** Returns how much of the room for waiting requests this one takes; most take one unit. */
  int weight() {
    return 1;
  }

  /** Returns why the request fails if its deadline passes now. */
  RequestFailure failureAtDeadline(boolean isLeaderKnown) {
    return isLeaderKnown ? RequestFailure.TIMED_OUT : RequestFailure.NO_LEADER;
  }

  /** Returns the first term in which the request may be tried. */
  long firstTerm() {
    return 0;
  }

  /** Returns true to the one caller that may answer. */
  final boolean settle() {
    synchronized (this) {
      if (isSettled) {
        return false;
      }
      isSettled = true;
    }
    router.forget(this);
    return true;
  }

  final synchronized boolean isSettled() {
    return isSettled;
  }
}
