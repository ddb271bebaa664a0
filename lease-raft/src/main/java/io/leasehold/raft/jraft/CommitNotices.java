package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import com.alipay.sofa.jraft.util.Endpoint;
import io.leasehold.raft.jraft.rpc.AppendListener;
import io.leasehold.raft.jraft.rpc.Replicators;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets followers know at once that entries are committed. JRaft tells them with the next entries or
 * the next heartbeat, so that on an idle cluster a change would reach them, and whoever waits for
 * it there, only a heartbeat interval later.
 *
 * <p>A notice is a heartbeat out of turn. A heartbeat speaks only of entries that the follower has
 * acknowledged, so the slower follower gets its notice when it has stored what the faster ones had
 * committed without it. Each follower has at most one notice on the way. Any thread; nothing blocks
 * the caller.
 */
final class CommitNotices implements AppendListener {
  private static final Logger LOG = LoggerFactory.getLogger(CommitNotices.class);

  private final CommitHorizon horizon;
  private final Executor executor;
  private volatile @Nullable Replicators replicators;
  private volatile Map<Endpoint, Follower> followers = Map.of();
  private volatile long committedIndex;

  /**
   * @param horizon moves on with what followers are told
   * @param executor may wait for JRaft's locks
   */
  CommitNotices(CommitHorizon horizon, Executor executor) {
    this.horizon = horizon;
    this.executor = executor;
  }

  /** Notes what sends to followers. */
  void sendBy(Replicators by) {
    replicators = by;
  }

  /** Notes who the other voters are. */
  void followersAre(Collection<PeerId> peers) {
    followers =
        peers.stream()
            .map(Follower::new)
            .collect(
                Collectors.toUnmodifiableMap(
                    follower -> follower.peer.getEndpoint(), Function.identity()));
  }

  /** Forgets what was known of followers under another leader. */
  void startOver() {
    followers.values().forEach(Follower::startOver);
  }

  /**
   * Tells all followers what is committed. To be called on the leader, by one thread.
   *
   * @param index the entries up to here are committed
   */
  void committed(long index) {
    committedIndex = index;
    followers.values().forEach(Follower::tellIfDue);
  }

  @Override
  public void sent(Endpoint follower, long committed) {
    horizon.reaches(committed);
    Follower to = followers.get(follower);
    if (to != null) {
      to.sent(committed);
    }
  }

  @Override
  public void stored(Endpoint follower, long lastIndex) {
    Follower by = followers.get(follower);
    if (by != null) {
      by.stored(lastIndex);
    }
  }

  @Override
  public void lost(Endpoint follower) {
    Follower of = followers.get(follower);
    if (of != null) {
      of.lost();
    }
  }

  /** What one follower knows. */
  private final class Follower {
    private final PeerId peer;

    /* Guarded by this. */
    private long storedIndex;
    private long toldIndex;

    /** What the notice on the way was sent for; 0 when none is. */
    private long noticeIndex;

    Follower(PeerId peer) {
      this.peer = peer;
    }

    synchronized void startOver() {
      storedIndex = 0;
      toldIndex = 0;
    }

    synchronized void sent(long committed) {
      toldIndex = Math.max(toldIndex, committed);
    }

    synchronized void lost() {
      toldIndex = 0;
    }

    void stored(long lastIndex) {
      synchronized (this) {
        storedIndex = Math.max(storedIndex, lastIndex);
      }
      tellIfDue();
    }

    void tellIfDue() {
      synchronized (this) {
        long due = due();
        if (noticeIndex != 0 || due <= toldIndex) {
          return;
        }
        noticeIndex = due;
      }
      try {
        executor.execute(this::send);
      } catch (RejectedExecutionException e) {
        answered(false); // the member stops
      }
    }

    private long due() {
      return Math.min(storedIndex, committedIndex);
    }

    private void send() {
      Replicators by = replicators;
      if (by == null) {
        answered(false);
        return;
      }
      try {
        by.sendHeartbeat(
            peer,
            new RpcResponseClosureAdapter<AppendEntriesResponse>() {
              @Override
              public void run(Status status) {
                answered(status.isOk());
              }
            });
      } catch (RuntimeException e) {
        // A notice that is never answered would be the follower's last.
        LOG.warn("no notice to {}", peer, e);
        answered(false);
      }
    }

    /** A follower that does not answer gets its next notice when there is more to tell. */
    private void answered(boolean isHeard) {
      boolean isMoreDue;
      synchronized (this) {
        isMoreDue = isHeard && due() > noticeIndex;
        noticeIndex = 0;
      }
      if (isMoreDue) {
        tellIfDue();
      }
    }
  }
}
