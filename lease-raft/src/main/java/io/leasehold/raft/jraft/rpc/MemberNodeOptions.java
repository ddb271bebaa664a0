package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.option.NodeOptions;

/**
 * JRaft's options with our transport among them: the way in to the RPC client, which JRaft makes by
 * itself.
 */
public final class MemberNodeOptions extends NodeOptions {
  private final RaftTransport transport;
  private int leaderPatienceMillis;

  public MemberNodeOptions(RaftTransport transport) {
    this.transport = transport;
  }

  RaftTransport transport() {
    return transport;
  }

  /** Sets for how long a leader stays one that hears from no majority; before the node starts. */
  public void setLeaderPatienceMillis(int millis) {
    leaderPatienceMillis = millis;
  }

  /**
   * Returns the leader's patience. JRaft takes it from here alone, for this and for a lease that we
   * do not use, and would have it be no more than the election timeout.
   */
  @Override
  public int getLeaderLeaseTimeoutMs() {
    return leaderPatienceMillis;
  }
}
