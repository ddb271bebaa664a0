package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosure;
import com.alipay.sofa.jraft.util.Endpoint;

/**
 * What replicates this member's log to its followers while it leads: JRaft's group of replicators,
 * and the links that they use. Any thread; may wait for JRaft's locks where it does not say
 * otherwise.
 */
public final class Replicators {
  /** The way to a follower that needs no replicator. */
  @FunctionalInterface
  public interface OneWay {
    /** Sends a request whose answer nobody wants, if there is a connection. Waits for nothing. */
    void send(Endpoint follower, AppendEntriesRequest request);
  }

  private final ReplicatorGroup group;
  private final OneWay oneWay;
  private final ThreadLocal<Boolean> restoring = ThreadLocal.withInitial(() -> false);

  public Replicators(ReplicatorGroup group, OneWay oneWay) {
    this.group = group;
    this.oneWay = oneWay;
  }

  /** Sends a request past the replicators, as {@link OneWay#send}. Takes none of JRaft's locks. */
  public void sendOneWay(PeerId follower, AppendEntriesRequest request) {
    oneWay.send(follower.getEndpoint(), request);
  }

  /** Sends a heartbeat out of turn. */
  public void sendHeartbeat(PeerId follower, RpcResponseClosure<AppendEntriesResponse> answer) {
    group.sendHeartbeat(follower, answer);
  }

  /**
   * Sees to it that the follower has a replicator if this member leads. JRaft keeps a list of those
   * that had none because they were down, and empties it when a transfer of leadership begins: if
   * that fails, nobody would ever replicate to them again in this term.
   */
  public void restore(PeerId follower) {
    if (!group.contains(follower)) {
      // Put on the list only. To start a replicator needs the node's lock, or it might outlive
      // this member's leadership; connected() takes that.
      restoring.set(true);
      try {
        group.addReplicator(follower);
      } finally {
        restoring.set(false);
      }
      connected(follower.getEndpoint());
    }
  }

  /** Starts the replicator that waits for this connection, if one does. */
  void connected(Endpoint endpoint) {
    PeerId peer = new PeerId();
    if (peer.parse(endpoint.toString())) {
      group.checkReplicator(peer, true);
    }
  }

  /** Tells whether the calling thread is to be told that a connection cannot be used. */
  boolean isRestoring() {
    return restoring.get();
  }
}
