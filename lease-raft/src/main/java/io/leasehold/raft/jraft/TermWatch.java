package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.impl.LocalRaftMetaStorage;
import io.leasehold.core.state.StateStoreException;

/**
 * Knows the term this member is in, without asking JRaft, whose answer waits behind its lock and
 * whose callbacks come late.
 *
 * <p>JRaft persists each new term before it votes, follows or leads in it. This watch notes the
 * term before it is persisted; so while {@link #term} still says T, this member has granted no vote
 * in a later term and followed no later leader.
 */
public final class TermWatch extends DefaultJRaftServiceFactory {
  private volatile long term;
  private volatile long termAtStart;

  /** Returns the current term, as it was or is about to be persisted. Any thread. */
  public long term() {
    return term;
  }

  /**
   * Returns the term that was on disk when this member was started; 0 before it is known. No leader
   * that it follows since then has an earlier one. Any thread.
   */
  long termAtStart() {
    return termAtStart;
  }

  @Override
  public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions raftOptions) {
    return new Watched(uri, raftOptions);
  }

  private void note(long next) {
    term = next;
  }

  private final class Watched extends LocalRaftMetaStorage {
    private final String path;

    private Watched(String path, RaftOptions raftOptions) {
      super(path, raftOptions);
      this.path = path;
    }

    @Override
    public boolean init(com.alipay.sofa.jraft.option.RaftMetaStorageOptions options) {
      boolean done = super.init(options);
      note(super.getTerm());
      termAtStart = term;
      return done;
    }

    @Override
    public boolean setTerm(long next) {
      note(next);
      return written(super.setTerm(next));
    }

    @Override
    public boolean setVotedFor(PeerId votedFor) {
      return written(super.setVotedFor(votedFor));
    }

    @Override
    public boolean setTermAndVotedFor(long next, PeerId votedFor) {
      note(next);
      return written(super.setTermAndVotedFor(next, votedFor));
    }

    /**
     * JRaft reports the failure, which stops this member, but would still answer with the vote that
     * it could not write: a vote that this member does not remember after its restart.
     */
    private boolean written(boolean success) {
      if (!success) {
        throw new StateStoreException(path + ": the vote cannot be written");
      }
      return true;
    }
  }
}
