package io.leasehold.server.grpc;

import io.leasehold.raft.Replica;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The streams that clients hold open, so that they can be cut: those that asked for it when the
 * leader has been lost for three election timeouts, all when the member stops. Any thread.
 */
public final class OpenStreams {
  private static final int ELECTION_TIMEOUTS_WITHOUT_LEADER = 3;

  private final long leaderlessMillis;
  private final ScheduledExecutorService scheduler;
  private final Set<OpenStream> all = ConcurrentHashMap.newKeySet();
  private final Set<OpenStream> requiringLeader = ConcurrentHashMap.newKeySet();

  /** Counts changes between having and not having a leader. */
  private final AtomicLong leaderEpoch = new AtomicLong();

  private volatile boolean hasLeader;

  public OpenStreams(long electionTimeoutMillis, ScheduledExecutorService scheduler) {
    this.leaderlessMillis = electionTimeoutMillis * ELECTION_TIMEOUTS_WITHOUT_LEADER;
    this.scheduler = scheduler;
  }

  void add(OpenStream stream, boolean requiresLeader) {
    all.add(stream);
    if (requiresLeader) {
      requiringLeader.add(stream);
    }
  }

  void remove(OpenStream stream) {
    all.remove(stream);
    requiringLeader.remove(stream);
  }

  /** Returns how many streams are open. */
  public int size() {
    return all.size();
  }

  /** To be called after each change of leadership. */
  public synchronized void leadershipChanged(Replica.Leadership leadership) {
    boolean hasLeaderNow = leadership.leader() != null;
    if (hasLeaderNow == hasLeader) {
      return;
    }
    hasLeader = hasLeaderNow;
    long epoch = leaderEpoch.incrementAndGet();
    if (!hasLeaderNow) {
      try {
        var unused =
            scheduler.schedule(() -> cutLeaderless(epoch), leaderlessMillis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // The member stops and cuts every stream anyway.
        cutAll();
      }
    }
  }

  /** Ends every stream because the member stops. */
  public void cutAll() {
    all.forEach(stream -> stream.cut(EtcdError.STOPPED));
  }

  private void cutLeaderless(long epoch) {
    if (leaderEpoch.get() == epoch) {
      requiringLeader.forEach(stream -> stream.cut(EtcdError.NO_LEADER));
    }
  }

  /** A stream that can be cut, from any thread. */
  interface OpenStream {
    void cut(EtcdError why);
  }
}
