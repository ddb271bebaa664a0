package io.leasehold.server.route;

/**
 * A change on its way into the log.
 *
 * <p>Each attempt holds in one term only. After an attempt of unknown fate the next one, if there
 * is one, is made in a later term: entries of the former term can then only stand before it in the
 * log, so that what it meets is final.
 */
abstract class TermBoundRequest extends RoutedRequest implements Leader.NotApplied {
  private volatile long attemptTerm;
  private volatile long firstTerm;
  private volatile boolean isUnderWay;
  private volatile boolean isUncertain;
  private volatile boolean isDecided;

  TermBoundRequest(LeaseRouter router, long deadlineNanos) {
    super(router, deadlineNanos);
  }

  abstract void propose(Leader leader, long term);

  /** Tells whether an earlier attempt may have taken effect. */
  final boolean isUncertain() {
    return isUncertain;
  }

  @Override
  final void attempt(Leader leader, long term) {
    attemptTerm = term;
    isUnderWay = true;
    propose(leader, term);
  }

  @Override
  final long firstTerm() {
    return firstTerm;
  }

  /** Calls back once this member has applied the entry in which the change took effect. */
  final void whenAppliedHere(long index, Runnable done) {
    isDecided = true;
    router.replica().whenApplied(index, done);
  }

  @Override
  public final void tryAgain() {
    isUnderWay = false;
    router.park(this);
  }

  @Override
  public void unknown() {
    isUncertain = true;
    firstTerm = attemptTerm + 1;
    router.park(this);
  }

  @Override
  final RequestFailure failureAtDeadline(boolean isLeaderKnown) {
    if (isDecided) {
      return RequestFailure.APPLY_TIMED_OUT;
    }
    // An attempt without an answer may be in the log as well as one whose fate was given up.
    return isUncertain || isUnderWay
        ? RequestFailure.UNKNOWN_OUTCOME
        : super.failureAtDeadline(isLeaderKnown);
  }
}
