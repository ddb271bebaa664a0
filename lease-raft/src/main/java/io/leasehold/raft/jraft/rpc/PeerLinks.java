package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.PingRequest;
import com.google.protobuf.Message;
import io.leasehold.raft.PeerAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The two links to one other member: one for what may be long, entries and snapshots, and one for
 * heartbeats, votes and whatever else must not wait behind that. Any thread.
 */
final class PeerLinks {
  /** Probes in the time after which a link counts as silent. */
  private static final int PROBES_PER_SILENCE = 4;

  private final RaftTransport transport;
  private final PeerLink bulk;
  private final PeerLink urgent;
  private final AtomicBoolean isProbing = new AtomicBoolean();

  /** When the last probe was sent. Timer thread. */
  private long probedNanos;

  /**
   * @param connected runs when one of them has been connected
   */
  PeerLinks(PeerAddress peer, RaftTransport transport, Runnable connected) {
    this.transport = transport;
    this.probedNanos = transport.clock().nanoTime();
    this.urgent =
        new PeerLink(
            peer,
            transport,
            address -> PeerChannel.open(address, transport.introduction()),
            connected,
            null);
    this.bulk =
        new PeerLink(
            peer,
            transport,
            address -> PeerChannel.open(address, transport.introduction(), transport.loops()),
            connected,
            urgent);
  }

  /** Tells whether calls can be made now; if not, sees to it that they can soon. */
  boolean isConnected() {
    // Asked first, so that it is opened. Whoever finds the urgent link connected may call: a call
    // on a bulk link that is not yet there fails, and is made again.
    boolean unused = bulk.isConnected();
    return urgent.isConnected();
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

  /** Sends what nobody answers, behind the entries that were sent, if there is a connection. */
  void sendOneWay(Message request) {
    bulk.sendOneWay(request);
  }

  private static boolean mayBeLong(Message request) {
    return isEntries(request)
        || request instanceof InstallSnapshotRequest
        || request instanceof GetFileRequest;
  }

  /**
   * Tells entries, and a probe, which is part of their sequence, from a heartbeat and from whatever
   * else there is.
   */
  static boolean isEntries(Message request) {
    return request instanceof AppendEntriesRequest append
        && (append.getEntriesCount() > 0 || append.hasData());
  }

  /** Looks after both, as {@link PeerLink#lookAfter}. */
  void lookAfter() {
    long intervalNanos = transport.silenceNanos() / PROBES_PER_SILENCE;
    long now = transport.clock().nanoTime();
    if (bulk.isQuietFor(intervalNanos) && now - probedNanos >= intervalNanos) {
      probe(now);
    }
    bulk.lookAfter();
    urgent.lookAfter();
  }

  /**
   * Asks for a sign of life on the urgent link, since what is outstanding on the other may take as
   * long as a snapshot does, and a member that only fetches one sends no heartbeats.
   */
  private void probe(long now) {
    if (!urgent.isConnected() || !isProbing.compareAndSet(false, true)) {
      return;
    }
    probedNanos = now;
    PingRequest ping = PingRequest.newBuilder().setSendTimestamp(now).build();
    try {
      urgent.call(ping, false, new ProbeAnswer(), transport.silenceNanos() / 1_000_000);
    } catch (RemotingException e) {
      isProbing.set(false); // broken in this moment: the next look opens it again
    }
  }

  /** Only that something was heard matters, and the link notes that. */
  private final class ProbeAnswer implements InvokeCallback {
    @Override
    public void complete(@Nullable Object result, @Nullable Throwable error) {
      isProbing.set(false);
    }

    @Override
    public Executor executor() {
      return Runnable::run;
    }
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
