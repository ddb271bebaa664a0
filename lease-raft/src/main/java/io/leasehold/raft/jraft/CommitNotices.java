package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets followers know at once that entries are committed. JRaft tells them with the next entries or
 * the next heartbeat, so that on an idle cluster a change would reach them, and whoever waits for
 * it there, only a heartbeat interval later.
 *
 * <p>A notice is a heartbeat out of turn. Each follower has at most one on the way; what is
 * committed meanwhile goes with the next. Any thread; nothing blocks the caller.
 */
final class CommitNotices {
  private final Executor executor;
  private volatile @Nullable ReplicatorGroup replicators;
  private volatile List<Follower> followers = List.of();

  /**
   * @param executor may wait for JRaft's locks
   */
  CommitNotices(Executor executor) {
    this.executor = executor;
  }

  /** Notes what sends to followers. */
  void sendBy(ReplicatorGroup group) {
    replicators = group;
  }

  /** Notes who the other voters are. */
  void followersAre(Collection<PeerId> peers) {
    followers = peers.stream().map(Follower::new).toList();
  }

  /** Tells all followers what is committed. To be called on the leader. */
  void committed() {
    followers.forEach(Follower::ask);
  }

  private final class Follower {
    private static final int IDLE = 0;
    private static final int UNDER_WAY = 1;
    private static final int ASKED_AGAIN = 2;

    private final PeerId peer;
    private final AtomicInteger state = new AtomicInteger(IDLE);

    Follower(PeerId peer) {
      this.peer = peer;
    }

    void ask() {
      int before = state.getAndUpdate(current -> Math.min(current + 1, ASKED_AGAIN));
      if (before == IDLE) {
        send();
      }
    }

    private void send() {
      try {
        executor.execute(this::sendNow);
      } catch (RejectedExecutionException e) {
        state.set(IDLE); // the member stops
      }
    }

    private void sendNow() {
      ReplicatorGroup group = replicators;
      if (group == null) {
        state.set(IDLE);
        return;
      }
      group.sendHeartbeat(
          peer,
          new RpcResponseClosureAdapter<AppendEntriesResponse>() {
            @Override
            public void run(Status status) {
              answered(status.isOk());
            }
          });
    }

    /** A follower that does not answer gets its next notice with the next commit. */
    private void answered(boolean isHeard) {
      if (!isHeard) {
        state.set(IDLE);
      } else if (state.decrementAndGet() == UNDER_WAY) {
        send();
      }
    }
  }
}
