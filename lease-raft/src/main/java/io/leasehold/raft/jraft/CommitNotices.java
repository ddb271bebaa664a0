package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import io.leasehold.raft.jraft.rpc.AppendListener;
import io.leasehold.raft.jraft.rpc.Replicators;
import io.leasehold.raft.propose.ProposalBatcher;
import java.util.Collection;
import java.util.Map;
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
 * <p>A notice is a heartbeat that nobody answers: answers would cost more threads their sleep than
 * the entry did. It speaks only of entries that the follower has acknowledged, so the slower
 * follower gets its notice when it has stored what the faster ones had committed without it, and a
 * follower that stores nothing gets none. Nor is any sent where commands wait for the next entry,
 * which goes out as soon as one before it is applied. Any thread; nothing blocks the caller.
 */
final class CommitNotices implements AppendListener {
  private static final Logger LOG = LoggerFactory.getLogger(CommitNotices.class);

  /** No entry of the term that this member leads is known to be committed. */
  private static final long NONE = Long.MAX_VALUE;

  private final PeerId self;
  private final CommitHorizon horizon;
  private final ProposalBatcher proposals;
  private volatile @Nullable Replicators replicators;
  private volatile Map<Endpoint, Follower> followers = Map.of();
  private volatile Led led = new Led(0, NONE, 0);

  /** Entries that had been appended when the last commit was heard of. Apply thread. */
  private long appendedBefore;

  /**
   * A term that this member leads or led, and what was committed in it. One value, so that whoever
   * was held up over a change of the term tells what was true in the one it names: with an index of
   * another term a follower that knows nothing of that one would take an entry for committed that
   * never was.
   *
   * @param firstIndex this entry, and all from it to the committed one, are of that term
   */
  private record Led(long term, long firstIndex, long committedIndex) {
    Led with(long index) {
      return new Led(term, Math.min(firstIndex, index), index);
    }
  }

  /**
   * @param self what followers know this member by
   * @param horizon moves on with what followers are told
   * @param proposals what the next entries come from
   */
  CommitNotices(PeerId self, CommitHorizon horizon, ProposalBatcher proposals) {
    this.self = self;
    this.horizon = horizon;
    this.proposals = proposals;
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

  /** Begins a term as leader; forgets what was known of followers in another. Apply thread. */
  void startOver(long term) {
    led = new Led(term, NONE, 0);
    followers.values().forEach(Follower::startOver);
  }

  /**
   * Entries are committed and about to be applied. Nobody is told yet: whoever proposed them is
   * answered first, and followers that wake up for a notice would take the processor from that.
   * Apply thread, on the leader.
   *
   * @param index an entry that is committed
   * @param term that entry's
   */
  void committed(long index, long term) {
    note(index, term);
    appendedBefore = proposals.appended();
  }

  /**
   * Entries are applied and their proposers have been answered. Apply thread, on the leader, after
   * {@link #committed}.
   *
   * @param index the last of them
   * @param term that entry's
   */
  void applied(long index, long term) {
    note(index, term);
    // What was appended since then, or is about to be, tells of it.
    if (proposals.appended() == appendedBefore && proposals.queued() == 0) {
      followers.values().forEach(Follower::tellIfDue);
    }
  }

  private void note(long index, long term) {
    if (term == led.term()) {
      led = led.with(index);
    }
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
      Replicators by = replicators;
      Led inTerm = led;
      long due;
      synchronized (this) {
        due = Math.min(storedIndex, inTerm.committedIndex());
        // Of an entry before the term's first it is not known here which term it is of.
        if (by == null || due <= toldIndex || due < inTerm.firstIndex()) {
          return;
        }
        toldIndex = due;
      }
      horizon.reaches(due);
      try {
        by.sendOneWay(peer, notice(inTerm.term(), due));
      } catch (RuntimeException e) {
        // No reason for the apply thread to stop: the next notice or heartbeat says it.
        LOG.warn("no notice to {}", peer, e);
        lost();
      }
    }

    private AppendEntriesRequest notice(long term, long index) {
      return AppendEntriesRequest.newBuilder()
          .setGroupId(RaftSettings.GROUP)
          .setServerId(self.toString())
          .setPeerId(peer.toString())
          .setTerm(term)
          .setPrevLogIndex(index)
          .setPrevLogTerm(term)
          .setCommittedIndex(index)
          .build();
    }
  }
}
