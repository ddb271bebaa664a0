package io.leasehold.jepsen.client;

import io.grpc.Channel;
import io.grpc.Status;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Renews leases over one stream, as clients' libraries do: each lease every so often; a renewal
 * that gets no answer in time ends the stream, and all go on over a new one, to another member if
 * the choice says so. A lease that the cluster calls gone is renewed no more.
 *
 * <p>With batches, renewals that fall due within {@link #GATHERED_MILLIS} travel in one message, so
 * that they count from a little before they were sent.
 *
 * <p>Each renewal is an operation of its own for the sink. A lease has at most one under way, so
 * that an answer belongs to exactly one request. May be told of leases by any thread; the sink is
 * called by the keeper's own.
 */
public final class LeaseKeeper implements AutoCloseable {
  /** How soon a renewal that came to nothing is made again. */
  private static final long AGAIN_MILLIS = 200;

  private static final long GATHERED_MILLIS = 20;
  private static final long CLOSE_SECONDS_MAX = 10;

  /** How renewals travel. */
  public enum Manner {
    ONE_BY_ONE {
      @Override
      RenewalStream open(
          String member, Channel channel, RunClock clock, RenewalStream.Listener listener) {
        return new SingleRenewals(member, channel, clock, listener);
      }
    },
    /** By {@code leasehold.v1}, which etcd does not have. */
    IN_BATCHES {
      @Override
      RenewalStream open(
          String member, Channel channel, RunClock clock, RenewalStream.Listener listener) {
        return new BatchedRenewals(member, channel, clock, listener);
      }
    };

    abstract RenewalStream open(
        String member, Channel channel, RunClock clock, RenewalStream.Listener listener);
  }

  private final Manner manner;
  private final Connections connections;
  private final MemberChoice choice;
  private final Duration deadline;
  private final Processes processes;
  private final RunClock clock;
  private final Consumer<? super Op> sink;
  private final ScheduledThreadPoolExecutor thread;

  /** What others may ask: the leases that are still renewed. */
  private final Set<Long> keptIds = ConcurrentHashMap.newKeySet();

  // The keeper's thread alone:
  private final Map<Long, Kept> kept = new HashMap<>();
  private final Map<Long, UnderWay> underWay = new HashMap<>();
  private @Nullable RenewalStream stream;
  private boolean isFlushPlanned;

  /**
   * @param deadline how long a renewal may take
   */
  public LeaseKeeper(
      Manner manner,
      Connections connections,
      MemberChoice choice,
      Duration deadline,
      Processes processes,
      RunClock clock,
      Consumer<? super Op> sink) {
    this.manner = manner;
    this.connections = connections;
    this.choice = choice;
    this.deadline = deadline;
    this.processes = processes;
    this.clock = clock;
    this.sink = sink;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread daemon = new Thread(task, "lease-keeper");
              daemon.setDaemon(true);
              return daemon;
            });
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  private static final class Kept {
    final long ttlSeconds;
    final long intervalNanos;
    long process;
    @Nullable ScheduledFuture<?> next;

    Kept(long ttlSeconds, long intervalNanos, long process) {
      this.ttlSeconds = ttlSeconds;
      this.intervalNanos = intervalNanos;
      this.process = process;
    }
  }

  private record UnderWay(
      long process, String member, long invokedNanos, ScheduledFuture<?> timeout) {}

  /** Renews a lease from now on, the first time after a delay; no effect on one that is kept. */
  public void keep(long leaseId, long ttlSeconds, Duration interval, Duration firstDelay) {
    if (keptIds.add(leaseId)) {
      thread.execute(
          () -> {
            Kept lease = new Kept(ttlSeconds, interval.toNanos(), processes.next());
            kept.put(leaseId, lease);
            plan(leaseId, lease, firstDelay.toNanos());
          });
    }
  }

  /** Renews a lease no more. What is under way is still told to the sink. */
  public void forget(long leaseId) {
    if (keptIds.remove(leaseId)) {
      thread.execute(() -> drop(leaseId));
    }
  }

  /** Returns the leases that are still renewed. */
  public Set<Long> kept() {
    return Set.copyOf(keptIds);
  }

  private void drop(long leaseId) {
    keptIds.remove(leaseId);
    Kept lease = kept.remove(leaseId);
    if (lease != null && lease.next != null) {
      lease.next.cancel(false);
    }
  }

  private void plan(long leaseId, Kept lease, long delayNanos) {
    if (!thread.isShutdown()) {
      lease.next = thread.schedule(() -> renew(leaseId), delayNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void renew(long leaseId) {
    Kept lease = kept.get(leaseId);
    if (lease == null) {
      return;
    }
    RenewalStream current = stream;
    if (current == null) {
      String member = choice.next();
      current = manner.open(member, connections.to(member), clock, new Listener());
      stream = current;
    }
    RenewalStream used = current;
    ScheduledFuture<?> timeout =
        thread.schedule(
            () ->
                broken(
                    used,
                    Status.DEADLINE_EXCEEDED.withDescription("no answer to a renewal in time"),
                    clock.nowNanos()),
            deadline.toNanos(),
            TimeUnit.NANOSECONDS);
    underWay.put(leaseId, new UnderWay(lease.process, used.member(), clock.nowNanos(), timeout));
    used.renew(leaseId, lease.ttlSeconds);
    if (manner == Manner.IN_BATCHES && !isFlushPlanned) {
      isFlushPlanned = true;
      var unused = thread.schedule(this::flush, GATHERED_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void flush() {
    isFlushPlanned = false;
    if (stream != null) {
      stream.flush();
    }
  }

  /** Called by the network: only hands on, with the time at which it came. */
  private final class Listener implements RenewalStream.Listener {
    @Override
    public void answered(
        RenewalStream on,
        long leaseId,
        long ttlSeconds,
        ResponseHeader header,
        long returnedNanos) {
      handOn(() -> LeaseKeeper.this.answered(on, leaseId, ttlSeconds, header, returnedNanos));
    }

    @Override
    public void undecided(RenewalStream on, long leaseId, long returnedNanos) {
      handOn(() -> LeaseKeeper.this.undecided(on, leaseId, returnedNanos));
    }

    @Override
    public void ended(RenewalStream ended, Status status, long returnedNanos) {
      handOn(() -> broken(ended, status, returnedNanos));
    }

    private void handOn(Runnable task) {
      try {
        thread.execute(task);
      } catch (java.util.concurrent.RejectedExecutionException e) {
        // Closed meanwhile: all that was under way has been told.
      }
    }
  }

  private void answered(
      RenewalStream on, long leaseId, long ttlSeconds, ResponseHeader header, long returnedNanos) {
    if (!isCurrent(on)) {
      // Its stream was given up, and it was told as unknown; it answers nothing that came later.
      return;
    }
    UnderWay renewal = underWay.remove(leaseId);
    if (renewal == null) {
      return;
    }
    renewal.timeout().cancel(false);
    if (ttlSeconds <= 0) {
      // Before the sink is told: whoever hears of the end must not find the lease kept.
      drop(leaseId);
    }
    sink.accept(
        Op.ok(
            renewal.process(),
            renewal.member(),
            new Request.Renew(leaseId),
            new Answer.Renewed(ttlSeconds),
            header.getRevision(),
            header.getRaftTerm(),
            renewal.invokedNanos(),
            returnedNanos));
    Kept lease = kept.get(leaseId);
    if (lease != null) {
      long sinceNanos = clock.nowNanos() - renewal.invokedNanos();
      plan(leaseId, lease, Math.max(0, lease.intervalNanos - sinceNanos));
    }
  }

  @SuppressWarnings("ReferenceEquality") // streams are themselves and nothing else
  private boolean isCurrent(RenewalStream one) {
    return one == stream;
  }

  private void undecided(RenewalStream on, long leaseId, long returnedNanos) {
    UnderWay renewal = isCurrent(on) ? underWay.remove(leaseId) : null;
    if (renewal != null) {
      lose(
          leaseId,
          renewal,
          Result.INFO,
          Status.ABORTED.withDescription("the batch's answer says that it is undecided"),
          returnedNanos);
    }
  }

  private void broken(RenewalStream broken, Status status, long returnedNanos) {
    if (!isCurrent(broken)) {
      return;
    }
    stream = null;
    broken.cancel("given up");
    choice.failed();
    Result result = OutcomeMapper.of(status, broken.maybeSent());
    Map<Long, UnderWay> lost = new HashMap<>(underWay);
    underWay.clear();
    lost.forEach((leaseId, renewal) -> lose(leaseId, renewal, result, status, returnedNanos));
  }

  private void lose(
      long leaseId, UnderWay renewal, Result result, Status status, long returnedNanos) {
    renewal.timeout().cancel(false);
    sink.accept(
        Op.unanswered(
            renewal.process(),
            renewal.member(),
            new Request.Renew(leaseId),
            result,
            OutcomeMapper.describe(status),
            renewal.invokedNanos(),
            Math.max(returnedNanos, renewal.invokedNanos())));
    Kept lease = kept.get(leaseId);
    if (lease != null) {
      if (result == Result.INFO) {
        lease.process = processes.next();
      }
      plan(
          leaseId,
          lease,
          Math.min(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS), lease.intervalNanos));
    }
  }

  /** Renews nothing more; what is under way is told to the sink as unknown. */
  @Override
  public void close() {
    keptIds.clear();
    thread.execute(
        () -> {
          kept.clear();
          RenewalStream current = stream;
          if (current != null) {
            broken(current, Status.CANCELLED.withDescription("the client ended"), clock.nowNanos());
          }
        });
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a keeper of leases does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
