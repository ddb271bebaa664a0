package io.leasehold.server.route;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.time.NanoClock;
import io.leasehold.core.time.RandomSource;
import io.leasehold.raft.Replica;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what needs the leader to the leader, wherever that is, and answers here.
 *
 * <p>A request that meets no leader, or a leader that is just losing or taking up office, waits and
 * is tried again until its deadline, seven seconds after it came; nothing is refused because
 * leadership moved. A change is answered after this member has applied it, so that a client reads
 * its own writes here. A change whose fate is unknown is repeated only if it cannot take effect
 * twice, and only in a later term than the one it was tried in. A transaction is not repeated.
 *
 * <p>Any thread; nothing blocks. Owns no thread: retries and deadlines run on the scheduler it is
 * given.
 */
public final class LeaseRouter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseRouter.class);

  /** Leases renewed by one request: what an event loop renews in about a millisecond. */
  public static final int BATCH_LEASES_MAX = 4096;

  /** etcd's limit for requests, which its clients know. */
  public static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(7);

  /**
   * Requests waiting for anything but memory, at 200 bytes or so each, large ones counting more;
   * beyond that they are refused.
   */
  static final int REQUESTS_MAX = 500_000;

  /**
   * How soon a request is tried again when no change of leadership was heard of: the other member
   * may have been promoted, or the connection may be back.
   */
  private static final long RETRY_MILLIS = 20;

  private static final long SWEEP_MILLIS = 50;

  private final String memberName;
  private final Replica replica;
  private final LocalLeader localLeader;
  private final Function<String, Leader> remoteLeaders;
  private final NanoClock clock;
  private final RandomSource random;
  private final ScheduledExecutorService scheduler;
  private final DeadlineList underWay = new DeadlineList(REQUESTS_MAX);
  private final ArrayDeque<RoutedRequest> parked = new ArrayDeque<>();
  private final AtomicBoolean isRetryPlanned = new AtomicBoolean();
  private volatile boolean isClosed;

  /**
   * @param remoteLeaders gives the stream to the member of that name
   */
  public LeaseRouter(
      String memberName,
      Replica replica,
      LocalLeader localLeader,
      Function<String, Leader> remoteLeaders,
      NanoClock clock,
      RandomSource random,
      ScheduledExecutorService scheduler) {
    this.memberName = memberName;
    this.replica = replica;
    this.localLeader = localLeader;
    this.remoteLeaders = remoteLeaders;
    this.clock = clock;
    this.random = random;
    this.scheduler = scheduler;
  }

  /** Starts to listen for changes of leadership and to watch the deadlines. Call once. */
  public void start() {
    replica.onLeadershipChange(leadership -> planRetry(0));
    var unused =
        scheduler.scheduleWithFixedDelay(
            this::failOverdue, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Renews a lease if this member leads and nothing but memory is needed, and returns its TTL in
   * milliseconds; a negative answer means: call {@link #renew}.
   */
  public long renewNow(long leaseId) {
    return localLeader.renewNow(leaseId);
  }

  /**
   * As {@link #renewNow(long)} for {@code count} leases at once.
   *
   * @param answers filled with an answer for each lease
   */
  public void renewEach(long[] leaseIds, int count, long[] answers) {
    localLeader.renewEach(leaseIds, count, answers);
  }

  /** Renews a lease. */
  public void renew(long leaseId, RenewalCallback callback) {
    submit(new RenewalRequest(this, deadline(), leaseId, callback));
  }

  /**
   * Renews leases if this member leads and nothing but memory is needed for any of them, and
   * returns the shortest of their TTLs in milliseconds; a negative answer means: call {@link
   * #renew(long[], BatchCallback)}.
   *
   * @param leaseIds at least one
   */
  public long renewNow(long[] leaseIds) {
    return localLeader.renewNow(leaseIds);
  }

  /**
   * Renews leases, which may succeed in part. The array belongs to the router from now on.
   *
   * @param leaseIds {@link #BATCH_LEASES_MAX} at the most
   */
  public void renew(long[] leaseIds, BatchCallback callback) {
    submit(new RenewBatchRequest(this, deadline(), leaseIds, callback));
  }

  /** Asks how much time a lease has left. */
  public void remaining(long leaseId, RemainingCallback callback) {
    submit(new RemainingRequest(this, deadline(), leaseId, callback));
  }

  /** Creates a lease with an ID that the client chose. */
  public void grant(long leaseId, long ttlMillis, GrantCallback callback) {
    submit(new GrantRequest(this, deadline(), leaseId, false, ttlMillis, callback));
  }

  /** Creates a lease with an ID chosen here. */
  public void grant(long ttlMillis, GrantCallback callback) {
    submit(new GrantRequest(this, deadline(), chooseLeaseId(), true, ttlMillis, callback));
  }

  /** Ends a lease. */
  public void revoke(long leaseId, RevokeCallback callback) {
    submit(new RevokeRequest(this, deadline(), leaseId, callback));
  }

  /**
   * Has a command on keys or alarms applied. A transaction of unknown fate fails at once.
   *
   * @param bytes size of the command, roughly
   */
  public void propose(Command command, int bytes, CommandCallback callback) {
    submit(new CommandRequest(this, deadline(), command, bytes, callback));
  }

  /**
   * Answers once reads of this member's state are linearizable with respect to everything before
   * this call.
   */
  public void readBarrier(BarrierCallback callback) {
    submit(new BarrierRequest(this, deadline(), callback));
  }

  /** Returns how many requests wait for more than memory. */
  public int waiting() {
    return underWay.size();
  }

  /** Fails everything that waits, and everything that comes. */
  @Override
  public void close() {
    isClosed = true;
    for (RoutedRequest request = underWay.poll(); request != null; request = underWay.poll()) {
      if (request.settle()) {
        try {
          request.fail(RequestFailure.STOPPING);
        } catch (RuntimeException e) {
          // Its client is gone; the others, and the rest of the stop, must not suffer from it.
          LOG.debug("a request that waited could not be told of the stop", e);
        }
      }
    }
  }

  /* What requests need. */

  Replica replica() {
    return replica;
  }

  /** Returns a random ID in 1 .. 2^63 - 1. */
  long chooseLeaseId() {
    for (; ; ) {
      long leaseId = random.nextLong() & Long.MAX_VALUE;
      if (leaseId != 0) {
        return leaseId;
      }
    }
  }

  void forget(RoutedRequest request) {
    underWay.remove(request);
  }

  /** Has a request tried again soon. */
  void park(RoutedRequest request) {
    if (request.isSettled()) {
      return;
    }
    synchronized (parked) {
      parked.add(request);
    }
    planRetry(RETRY_MILLIS);
  }

  /** Runs something after a while, on the scheduler; not at all when that is shut down before. */
  void later(Runnable action, long delayNanos) {
    try {
      var unused = scheduler.schedule(action, delayNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("too late: the member is stopping", e);
    }
  }

  private long deadline() {
    return clock.nanoTime() + DEADLINE_NANOS;
  }

  private void submit(RoutedRequest request) {
    RequestFailure refusal =
        !underWay.add(request)
            ? RequestFailure.OVERLOADED
            : isClosed ? RequestFailure.STOPPING : null;
    if (refusal == null) {
      attempt(request);
    } else if (request.settle()) {
      request.fail(refusal);
    }
  }

  private void attempt(RoutedRequest request) {
    Replica.Leadership leadership = replica.leadership();
    Leader leader = leader(leadership);
    if (leader == null || leadership.term() < request.firstTerm()) {
      park(request);
    } else {
      request.attempt(leader, leadership.term());
    }
  }

  private @Nullable Leader leader(Replica.Leadership leadership) {
    if (leadership.isLeader()) {
      return replica.lessor() == null ? null : localLeader;
    }
    String leader = leadership.leader();
    return leader == null || leader.equals(memberName) ? null : remoteLeaders.apply(leader);
  }

  private void planRetry(long delayMillis) {
    if (delayMillis > 0 && !isRetryPlanned.compareAndSet(false, true)) {
      return;
    }
    try {
      var unused = scheduler.schedule(this::retryParked, delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The scheduler is shut down last: whatever comes now comes too late to matter.
      isClosed = true;
    }
  }

  private void retryParked() {
    isRetryPlanned.set(false);
    int count;
    synchronized (parked) {
      count = parked.size();
    }
    for (int i = 0; i < count; i++) {
      RoutedRequest request;
      synchronized (parked) {
        request = parked.poll();
      }
      if (request == null) {
        return;
      }
      if (!request.isSettled()) {
        guarded(request, () -> attempt(request));
      }
    }
  }

  /** Keeps one request's failure from those that come after it in a sweep. */
  private static void guarded(RoutedRequest request, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("{} failed", request.getClass().getSimpleName(), e);
    }
  }

  private void failOverdue() {
    long nowNanos = clock.nanoTime();
    boolean isLeaderKnown = replica.leadership().leader() != null;
    for (RoutedRequest request = underWay.pollDue(nowNanos);
        request != null;
        request = underWay.pollDue(nowNanos)) {
      RoutedRequest overdue = request;
      guarded(
          overdue,
          () -> {
            RequestFailure failure = overdue.failureAtDeadline(isLeaderKnown);
            if (overdue.settle()) {
              overdue.fail(failure);
            }
          });
    }
  }

  /** Told when a request got no answer from a leader. */
  public interface FailureCallback {
    void failed(RequestFailure failure);
  }

  /** What became of a renewal; called once. */
  public interface RenewalCallback extends FailureCallback {
    void renewed(long ttlMillis);

    void notFound();
  }

  /** What became of the renewals of a batch; called once. */
  public interface BatchCallback extends FailureCallback {
    /**
     * Those in neither of the lists were renewed.
     *
     * @param ttlMillis the shortest TTL of those that were renewed; 0 when none was
     * @param notFound leases that do not exist, in the order in which they were asked for
     * @param undecided leases of which nothing is known yet, in that order, too
     */
    void answered(long ttlMillis, long[] notFound, long[] undecided);
  }

  /** How much time a lease has left; called once. */
  public interface RemainingCallback extends FailureCallback {
    void remaining(long remainingMillis, long ttlMillis);

    void notFound();
  }

  /** What became of a grant; called once, after this member applied it. */
  public interface GrantCallback extends FailureCallback {
    void granted(long leaseId, long ttlMillis);

    void leaseExists();

    /** An alarm forbids it. */
    void forbidden(KeyRefusal why);
  }

  /** What became of a revoke; called once, after this member applied it. */
  public interface RevokeCallback extends FailureCallback {
    void revoked();

    void notFound();

    /** An alarm forbids it. */
    void forbidden(KeyRefusal why);
  }

  /** What became of a command; called once, after this member applied it. */
  public interface CommandCallback extends FailureCallback {
    void applied(Outcome outcome);
  }

  /** Called once, when reads are linearizable. */
  public interface BarrierCallback extends FailureCallback {
    void passed();
  }
}
