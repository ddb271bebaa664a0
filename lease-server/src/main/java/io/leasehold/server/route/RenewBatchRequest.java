package io.leasehold.server.route;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Renewals of many leases in one request, of which more is needed than this member's memory. Safe
 * to repeat, and repeated for those leases alone of which no leader has told yet.
 *
 * <p>A lease that waits for the log must not hold up the others for long: once something is known
 * of some, the rest has {@link #GRACE_NANOS} and is then reported as undecided.
 */
final class RenewBatchRequest extends RoutedRequest implements Leader.BatchAnswer {
  /** Some commits long; the interface names it. */
  static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** So many IDs take about as much memory as a request does. */
  private static final int IDS_PER_UNIT = 16;

  private static final byte UNDECIDED = 0;
  private static final byte RENEWED = 1;
  private static final byte NOT_FOUND = 2;

  private final long[] leaseIds;
  private final LeaseRouter.BatchCallback callback;

  /* Guarded by this. */

  /** What is known of each lease. */
  private final byte[] fates;

  private int undecided;
  private long ttlMillisMin = Long.MAX_VALUE;
  private boolean isGraceRunning;

  /** The positions that the attempt under way asks for. */
  private Positions asked = new Positions();

  /** How many of them have no answer yet. */
  private int open;

  RenewBatchRequest(
      LeaseRouter router, long deadlineNanos, long[] leaseIds, LeaseRouter.BatchCallback callback) {
    super(router, deadlineNanos);
    this.leaseIds = leaseIds;
    this.callback = callback;
    this.fates = new byte[leaseIds.length];
    this.undecided = leaseIds.length;
  }

  @Override
  int weight() {
    return 1 + leaseIds.length / IDS_PER_UNIT;
  }

  @Override
  void attempt(Leader leader, long term) {
    long[] ids;
    synchronized (this) {
      asked = positionsOf(UNDECIDED);
      open = asked.size();
      ids = idsOf(asked);
    }
    leader.renewAll(ids, this);
  }

  @Override
  public void answered(BatchPart part) {
    boolean isComplete;
    boolean isAttemptOver;
    boolean isGraceDue;
    synchronized (this) {
      mark(part.renewed(), RENEWED);
      mark(part.notFound(), NOT_FOUND);
      ttlMillisMin = Math.min(ttlMillisMin, part.ttlMillisMin());
      open -= part.size();
      isComplete = undecided == 0;
      isAttemptOver = open == 0;
      isGraceDue = !isGraceRunning && !isComplete && undecided < leaseIds.length;
      isGraceRunning |= isGraceDue;
    }
    if (isComplete) {
      answer();
      return;
    }
    if (isGraceDue) {
      router.later(this::answer, GRACE_NANOS);
    }
    if (isAttemptOver) {
      router.park(this);
    }
  }

  /** Under the lock. */
  private void mark(Positions answered, byte fate) {
    for (int i = 0; i < answered.size(); i++) {
      int position = asked.get(answered.get(i));
      if (fates[position] == UNDECIDED) {
        fates[position] = fate;
        undecided--;
      }
    }
  }

  private void answer() {
    if (settle()) {
      tell();
    }
  }

  private void tell() {
    long ttlMillis;
    long[] notFound;
    long[] unknown;
    synchronized (this) {
      ttlMillis = ttlMillisMin == Long.MAX_VALUE ? 0 : ttlMillisMin;
      notFound = idsOf(positionsOf(NOT_FOUND));
      unknown = idsOf(positionsOf(UNDECIDED));
    }
    callback.answered(ttlMillis, notFound, unknown);
  }

  @Override
  void fail(RequestFailure failure) {
    boolean isAnythingKnown;
    synchronized (this) {
      isAnythingKnown = undecided < leaseIds.length;
    }
    if (isAnythingKnown) {
      tell();
    } else {
      callback.failed(failure);
    }
  }

  private Positions positionsOf(byte fate) {
    if (fate == UNDECIDED && undecided == leaseIds.length) {
      return Positions.before(undecided);
    }
    Positions positions = new Positions();
    for (int i = 0; i < fates.length; i++) {
      if (fates[i] == fate) {
        positions.add(i);
      }
    }
    return positions;
  }

  private long[] idsOf(Positions positions) {
    if (positions.size() == leaseIds.length) {
      return leaseIds;
    }
    long[] ids = new long[positions.size()];
    Arrays.setAll(ids, i -> leaseIds[positions.get(i)]);
    return ids;
  }
}
