package io.leasehold.jepsen.client;

import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.history.MemberState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Asks each member again and again what it is, on a thread for each: one that does not answer holds
 * up no other. Counts how often the leader changed, as the terms tell.
 *
 * <p>The sink is called by all of these threads. Lease counts and digests are not asked for.
 */
public final class MemberPoll implements AutoCloseable {
  private static final long END_MILLIS_MAX = 5000;

  private final TestCluster cluster;
  private final Duration interval;
  private final RunClock clock;
  private final Consumer<? super MemberState> sink;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger leaderChanges = new AtomicInteger();
  private final Object lock = new Object();
  private long lastLedTerm;
  private String lastLeader = "";

  public MemberPoll(
      TestCluster cluster, Duration interval, RunClock clock, Consumer<? super MemberState> sink) {
    this.cluster = cluster;
    this.interval = interval;
    this.clock = clock;
    this.sink = sink;
    for (String member : cluster.members()) {
      Thread thread = new Thread(() -> poll(member), "poll-" + member);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  private void poll(String member) {
    try {
      while (true) {
        ask(member);
        Thread.sleep(interval.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask(String member) {
    StatusResponse status;
    try {
      status = cluster.status(member);
    } catch (StatusRuntimeException e) {
      // It says nothing of itself now.
      return;
    }
    boolean isLeader =
        status.getLeader() != 0 && status.getLeader() == status.getHeader().getMemberId();
    if (isLeader) {
      noteLeader(member, status.getRaftTerm());
    }
    sink.accept(
        new MemberState(
            member,
            clock.nowNanos(),
            status.getRaftTerm(),
            isLeader,
            status.getRaftAppliedIndex(),
            status.getHeader().getRevision(),
            -1,
            ""));
  }

  private void noteLeader(String member, long term) {
    synchronized (lock) {
      if (term > lastLedTerm) {
        if (!lastLeader.isEmpty() && !lastLeader.equals(member)) {
          leaderChanges.incrementAndGet();
        }
        lastLedTerm = term;
        lastLeader = member;
      }
    }
  }

  /**
   * Returns how often another member led than before; what lasted shorter than a round is missed.
   */
  public int leaderChanges() {
    return leaderChanges.get();
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join(END_MILLIS_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
