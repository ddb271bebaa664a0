package io.leasehold.jepsen.client;

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
 * <p>The sink is called by all of these threads.
 */
public final class MemberPoll implements AutoCloseable {
  private static final long END_MILLIS_MAX = 5000;

  /** One in so many rounds also asks for what costs the members more. */
  private static final int ROUNDS_PER_LEASE_COUNT = 8;

  private final MemberReading reading;
  private final Duration interval;
  private final Consumer<? super MemberState> sink;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger leaderChanges = new AtomicInteger();
  private final Object lock = new Object();
  private long lastLedTerm;
  private String lastLeader = "";

  /** Asks for no more than what every server of etcd's interface says in the same way. */
  public MemberPoll(
      TestCluster cluster, Duration interval, RunClock clock, Consumer<? super MemberState> sink) {
    this(cluster, MemberReading.plain(cluster, clock), interval, sink);
  }

  public MemberPoll(
      TestCluster cluster,
      MemberReading reading,
      Duration interval,
      Consumer<? super MemberState> sink) {
    this.reading = reading;
    this.interval = interval;
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
      for (long round = 0; true; round++) {
        MemberState state = reading.of(member, round % ROUNDS_PER_LEASE_COUNT == 0);
        if (state != null) {
          if (state.leader()) {
            noteLeader(member, state.term());
          }
          sink.accept(state);
        }
        Thread.sleep(interval.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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

  /** Returns who led last and in which term, for people; empty before the first. */
  public String leader() {
    synchronized (lock) {
      return lastLeader.isEmpty() ? "" : lastLeader + " (term " + lastLedTerm + ")";
    }
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
