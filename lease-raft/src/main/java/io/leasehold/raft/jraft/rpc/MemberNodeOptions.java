package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.option.NodeOptions;

/**
 * JRaft's options with our transport among them: the way in to the RPC client, which JRaft makes by
 * itself.
 */
public final class MemberNodeOptions extends NodeOptions {
  private final RaftTransport transport;

  public MemberNodeOptions(RaftTransport transport) {
    this.transport = transport;
  }

  RaftTransport transport() {
    return transport;
  }
}
