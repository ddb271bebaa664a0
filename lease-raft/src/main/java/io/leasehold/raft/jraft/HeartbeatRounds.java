package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import io.leasehold.raft.jraft.lead.SharedRounds;
import io.leasehold.raft.jraft.rpc.Replicators;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rounds of heartbeats by which a leader learns that it still leads (Raft dissertation, section
 * 6.4): a majority of the voters has answered in its term. Calls share rounds. Any thread; nothing
 * blocks the caller.
 *
 * <p>JRaft's own rounds count answers without their terms, and let the answers of two followers use
 * one place.
 */
final class HeartbeatRounds {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatRounds.class);

  /** Result of a round that proved nothing. */
  static final long UNPROVEN = -1;

  private record Voters(List<PeerId> others, boolean isOwnIncluded) {
    int majority() {
      return (others.size() + (isOwnIncluded ? 1 : 0)) / 2 + 1;
    }
  }

  private final LongSupplier ledTerm;
  private final Executor executor;
  private final ScheduledExecutorService timer;
  private final int timeoutMillis;
  private final SharedRounds<Long> rounds = new SharedRounds<>(this::run, UNPROVEN);

  /** Followers that are being sent to: one whose replicator is held up must not hold up threads. */
  private final Set<PeerId> sending = ConcurrentHashMap.newKeySet();

  private volatile Voters voters = new Voters(List.of(), false);
  private volatile @Nullable Replicators replicators;

  /**
   * @param ledTerm gives the term that this member leads, or {@link #UNPROVEN}
   * @param executor may wait for JRaft's locks
   * @param timeoutMillis a round that has no result by then proved nothing, so that an answer that
   *     never comes does not end all rounds
   */
  HeartbeatRounds(
      LongSupplier ledTerm, Executor executor, ScheduledExecutorService timer, int timeoutMillis) {
    this.ledTerm = ledTerm;
    this.executor = executor;
    this.timer = timer;
    this.timeoutMillis = timeoutMillis;
  }

  /** Notes what sends to followers. */
  void sendBy(Replicators by) {
    replicators = by;
  }

  /** Notes who votes. */
  void votersAre(List<PeerId> others, boolean isOwnIncluded) {
    voters = new Voters(others, isOwnIncluded);
  }

  /**
   * Calls back with the term that this member led when a majority answered, in a round that began
   * after this call, or with {@link #UNPROVEN}.
   */
  void join(Consumer<Long> done) {
    rounds.join(done);
  }

  private void run(Consumer<Long> done) {
    long term = ledTerm.getAsLong();
    Replicators by = replicators;
    if (term == UNPROVEN || by == null) {
      done.accept(UNPROVEN);
      return;
    }
    Voters asked = voters;
    ScheduledFuture<?> overdue =
        timer.schedule(() -> done.accept(UNPROVEN), timeoutMillis, TimeUnit.MILLISECONDS);
    Count count =
        new Count(
            term,
            asked,
            result -> {
              overdue.cancel(false);
              done.accept(result);
            });
    for (PeerId other : asked.others()) {
      ask(by, other, count);
    }
    if (asked.isOwnIncluded()) {
      count.answered(true);
    }
  }

  private void ask(Replicators by, PeerId other, Count count) {
    if (!sending.add(other)) {
      count.answered(false);
      return;
    }
    try {
      executor.execute(() -> send(by, other, count));
    } catch (RejectedExecutionException e) {
      sending.remove(other);
      count.answered(false); // the member stops
    }
  }

  private void send(Replicators by, PeerId other, Count count) {
    try {
      by.sendHeartbeat(other, new Answer(count));
    } catch (RuntimeException e) {
      LOG.warn("no heartbeat to {}", other, e);
      count.answered(false);
    } finally {
      sending.remove(other);
    }
  }

  /** One follower's answer; JRaft hands it over in two steps, so no two followers share one. */
  private static final class Answer extends RpcResponseClosureAdapter<AppendEntriesResponse> {
    private final Count count;

    Answer(Count count) {
      this.count = count;
    }

    @Override
    public void run(Status status) {
      AppendEntriesResponse response = getResponse();
      count.answered(
          status.isOk()
              && response != null
              && response.getSuccess()
              && response.getTerm() == count.term);
    }
  }

  /** The answers of one round. */
  private static final class Count {
    private final long term;
    private final Consumer<Long> done;
    private final int needed;
    private int outstanding;
    private int heard;

    Count(long term, Voters asked, Consumer<Long> done) {
      this.term = term;
      this.done = done;
      this.needed = asked.majority();
      this.outstanding = asked.others().size() + (asked.isOwnIncluded() ? 1 : 0);
    }

    void answered(boolean isHeard) {
      boolean isProven;
      boolean isOver;
      synchronized (this) {
        outstanding--;
        heard += isHeard ? 1 : 0;
        isProven = heard >= needed;
        isOver = outstanding == 0;
      }
      if (isProven) {
        done.accept(term);
      } else if (isOver) {
        done.accept(UNPROVEN);
      }
    }
  }
}
