package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.google.protobuf.Message;
import io.leasehold.raft.PeerAddress;

/**
 * The two links to one other member: one for what may be long, entries and snapshots, and one for
 * heartbeats, votes and whatever else must not wait behind that. Any thread.
 */
final class PeerLinks {
  private final PeerLink bulk;
  private final PeerLink urgent;

  /**
   * @param connected runs when one of them has been connected
   */
  PeerLinks(PeerAddress peer, RaftTransport transport, Runnable connected) {
    this.bulk = new PeerLink(peer, transport, connected);
    this.urgent = new PeerLink(peer, transport, connected);
  }

  /** Tells whether calls can be made now; if not, sees to it that they can soon. */
  boolean isConnected() {
    // Both are asked, so that both are opened.
    return bulk.isConnected() & urgent.isConnected();
  }

  /** Waits for the connections, as {@link PeerLink#awaitConnected}. */
  boolean awaitConnected(long timeoutMillis) throws InterruptedException {
    // Opened first, so that the two are waited for at the same time.
    boolean isBulkConnected = bulk.isConnected();
    return urgent.awaitConnected(timeoutMillis)
        && (isBulkConnected || bulk.awaitConnected(timeoutMillis));
  }

  void call(Message request, boolean transfer, InvokeCallback callback, long timeoutMillis)
      throws RemotingException {
    (mayBeLong(request) ? bulk : urgent).call(request, transfer, callback, timeoutMillis);
  }

  private static boolean mayBeLong(Message request) {
    return request instanceof AppendEntriesRequest append && !isHeartbeat(append)
        || request instanceof InstallSnapshotRequest
        || request instanceof GetFileRequest;
  }

  /** Tells a heartbeat from entries, and from a probe, which is part of their sequence. */
  static boolean isHeartbeat(AppendEntriesRequest append) {
    return append.getEntriesCount() == 0 && !append.hasData();
  }

  /** Looks after both, as {@link PeerLink#lookAfter}. */
  void lookAfter() {
    bulk.lookAfter();
    urgent.lookAfter();
  }

  void close() {
    bulk.close();
    urgent.close();
  }

  @Override
  public String toString() {
    return bulk.toString();
  }
}
