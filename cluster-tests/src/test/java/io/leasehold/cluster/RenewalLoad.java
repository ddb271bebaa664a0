package io.leasehold.cluster;

import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Renews leases at a fixed pace over one stream a member, each lease through another member every
 * time, and keeps account of what was answered. Streams that break are opened again.
 *
 * <p>All state is guarded by this object's lock.
 */
public final class RenewalLoad implements AutoCloseable {
  private static final long TICK_MILLIS = 10;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long REOPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ScheduledExecutorService pacer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "renewal-load");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Lane> lanes = new ArrayList<>();
  private final Map<Long, Renewed> leases = new HashMap<>();
  private final PriorityQueue<Renewed> due =
      new PriorityQueue<>((a, b) -> Long.signum(a.nextNanos - b.nextNanos));
  private final List<String> ended = new ArrayList<>();
  private final long intervalNanos;
  private final long ttlNanos;
  private long lastAnswerNanos;
  private long longestPauseNanos;
  private long pausedNanos;
  private long longestLeaseGapNanos;
  private long answers;

  /** Starts without leases. */
  public RenewalLoad(List<? extends Reachable> through, Duration ttl, Duration interval) {
    this.intervalNanos = interval.toNanos();
    this.ttlNanos = ttl.toNanos();
    through.forEach(member -> lanes.add(new Lane(member)));
    lastAnswerNanos = System.nanoTime();
    var unused = pacer.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Renews a lease from now on, first within the interval. */
  public synchronized void add(long leaseId) {
    long now = System.nanoTime();
    // Steps of the golden ratio spread any number of leases evenly over the interval.
    double phase = (leases.size() * 0.6180339887) % 1;
    leases.put(
        leaseId, new Renewed(leaseId, leases.size(), now, now + (long) (intervalNanos * phase)));
    due.add(leases.get(leaseId));
  }

  private static final class Renewed {
    final long id;
    long attempts;
    long nextNanos;
    long lastAcknowledgedSendNanos;
    long lastAnswerNanos;
    boolean isEnded;

    Renewed(long id, long firstLane, long nowNanos, long nextNanos) {
      this.id = id;
      this.attempts = firstLane;
      this.nextNanos = nextNanos;
      this.lastAcknowledgedSendNanos = nowNanos;
      this.lastAnswerNanos = nowNanos;
    }
  }

  /** The stream to one member. */
  private final class Lane {
    final Reachable member;
    final Map<Long, ArrayDeque<Long>> sent = new HashMap<>();
    @Nullable StreamObserver<LeaseKeepAliveRequest> requests;
    long openedNanos = System.nanoTime() - REOPEN_NANOS;
    long generation;

    Lane(Reachable member) {
      this.member = member;
    }

    boolean isOpen(long nowNanos) {
      if (requests == null && nowNanos - openedNanos >= REOPEN_NANOS) {
        openedNanos = nowNanos;
        sent.clear();
        long opened = ++generation;
        member.channel().resetConnectBackoff();
        requests = LeaseGrpc.newStub(member.channel()).leaseKeepAlive(answersTo(opened));
      }
      return requests != null;
    }

    private StreamObserver<LeaseKeepAliveResponse> answersTo(long opened) {
      return new StreamObserver<>() {
        @Override
        public void onNext(LeaseKeepAliveResponse response) {
          answered(Lane.this, opened, response, System.nanoTime());
        }

        @Override
        public void onError(Throwable failure) {
          broken(Lane.this, opened);
        }

        @Override
        public void onCompleted() {
          broken(Lane.this, opened);
        }
      };
    }

    void send(Renewed lease, long nowNanos) {
      sent.computeIfAbsent(lease.id, id -> new ArrayDeque<>()).add(nowNanos);
      if (requests != null) {
        try {
          requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease.id).build());
        } catch (RuntimeException e) {
          // The stream ended a moment ago; the next renewal opens another.
          requests = null;
        }
      }
    }
  }

  private synchronized void tick() {
    long now = System.nanoTime();
    for (Renewed lease = due.peek();
        lease != null && lease.nextNanos - now <= 0;
        lease = due.peek()) {
      due.remove();
      for (int tries = 0; tries < lanes.size(); tries++) {
        Lane lane = lanes.get((int) (lease.attempts++ % lanes.size()));
        if (lane.member.isRunning() && lane.isOpen(now)) {
          lane.send(lease, now);
          break;
        }
      }
      lease.nextNanos += intervalNanos;
      if (!lease.isEnded) {
        due.add(lease);
      }
    }
  }

  private synchronized void answered(
      Lane lane, long opened, LeaseKeepAliveResponse response, long nowNanos) {
    Renewed lease = leases.get(response.getID());
    if (lease == null || opened != lane.generation) {
      return;
    }
    ArrayDeque<Long> sends = lane.sent.get(lease.id);
    Long sentNanos = sends == null ? null : sends.poll();
    long sinceAcknowledged = nowNanos - lease.lastAcknowledgedSendNanos;
    if (response.getTTL() <= 0) {
      lease.isEnded = true;
      ended.add(
          Long.toHexString(lease.id)
              + " ended "
              + TimeUnit.NANOSECONDS.toMillis(sinceAcknowledged)
              + " ms after its last acknowledged renewal was sent"
              + (sinceAcknowledged < ttlNanos ? ": EARLY" : ""));
      return;
    }
    if (sentNanos != null) {
      if (sentNanos - lease.lastAcknowledgedSendNanos > 0) {
        lease.lastAcknowledgedSendNanos = sentNanos;
      }
      answers++;
    }
    longestPauseNanos = Math.max(longestPauseNanos, nowNanos - lastAnswerNanos);
    if (nowNanos - lastAnswerNanos > PAUSE_NANOS) {
      pausedNanos += nowNanos - lastAnswerNanos;
    }
    longestLeaseGapNanos = Math.max(longestLeaseGapNanos, nowNanos - lease.lastAnswerNanos);
    lastAnswerNanos = nowNanos;
    lease.lastAnswerNanos = nowNanos;
  }

  private synchronized void broken(Lane lane, long opened) {
    if (opened == lane.generation) {
      lane.requests = null;
    }
  }

  /** Returns one line for each lease that a member said has ended. */
  public synchronized List<String> ended() {
    return List.copyOf(ended);
  }

  public synchronized long answers() {
    return answers;
  }

  /** Forgets pauses and latencies so far. */
  public synchronized void resetFigures() {
    longestPauseNanos = 0;
    longestLeaseGapNanos = 0;
    answers = 0;
    lastAnswerNanos = System.nanoTime();
    leases.values().forEach(lease -> lease.lastAnswerNanos = lastAnswerNanos);
  }

  /** Returns the longest time in which no renewal of any lease was acknowledged. */
  public synchronized long longestPauseMillis() {
    long pause = Math.max(longestPauseNanos, System.nanoTime() - lastAnswerNanos);
    return TimeUnit.NANOSECONDS.toMillis(pause);
  }

  /** Returns how long no renewal was acknowledged, pauses of less than half a second left out. */
  synchronized double pausedSeconds() {
    return pausedNanos / 1e9;
  }

  /** Returns the longest time between two answers for one lease; the interval included. */
  synchronized long longestLeaseGapMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestLeaseGapNanos);
  }

  @Override
  public void close() {
    pacer.shutdownNow();
    synchronized (this) {
      for (Lane lane : lanes) {
        lane.generation++;
        if (lane.requests != null) {
          lane.requests.onCompleted();
        }
      }
    }
  }
}
