package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.PingRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.Message;
import io.leasehold.raft.PeerAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JRaft's view of the links to the other members. Any thread; never blocks, but for the synchronous
 * calls that JRaft asks for.
 */
final class PeerRpcClient implements RpcClient {
  private static final Logger LOG = LoggerFactory.getLogger(PeerRpcClient.class);
  private static final long LOOK_AFTER_MILLIS = 50;

  private final Map<Endpoint, PeerLinks> links = new ConcurrentHashMap<>();
  private volatile @Nullable RaftTransport transport;
  private volatile @Nullable Replicators replicators;
  private @Nullable ScheduledFuture<?> lookAfter;
  private volatile boolean stopped;

  @Override
  public boolean init(RpcOptions options) {
    RaftTransport ours = ((MemberNodeOptions) options).transport();
    transport = ours;
    Replicators byJraft = replicators;
    if (byJraft != null) {
      ours.replicators().accept(byJraft);
    }
    for (PeerAddress other : ours.others()) {
      PeerLinks unused = links(new Endpoint(other.host(), other.port()));
    }
    lookAfter =
        ours.timer()
            .scheduleWithFixedDelay(
                this::lookAfterLinks, LOOK_AFTER_MILLIS, LOOK_AFTER_MILLIS, TimeUnit.MILLISECONDS);
    return true;
  }

  /** An exception here would end the schedule, and with it every recovery of a broken link. */
  private void lookAfterLinks() {
    for (PeerLinks toPeer : links.values()) {
      try {
        toPeer.lookAfter();
      } catch (RuntimeException e) {
        LOG.warn("looking after {} failed", toPeer, e);
      }
    }
  }

  @Override
  public void shutdown() {
    stopped = true;
    if (lookAfter != null) {
      lookAfter.cancel(false);
    }
    links.values().forEach(PeerLinks::close);
    links.clear();
  }

  @Override
  public boolean checkConnection(Endpoint endpoint) {
    PeerLinks toPeer = links.get(endpoint);
    return toPeer != null && toPeer.isConnected();
  }

  @Override
  public boolean checkConnection(Endpoint endpoint, boolean createIfAbsent) {
    Replicators byJraft = replicators;
    if (byJraft != null && byJraft.isRestoring()) {
      return false;
    }
    return createIfAbsent ? links(endpoint).isConnected() : checkConnection(endpoint);
  }

  @Override
  public void closeConnection(Endpoint endpoint) {
    PeerLinks toPeer = links.remove(endpoint);
    if (toPeer != null) {
      toPeer.close();
    }
  }

  @Override
  public void registerConnectEventListener(ReplicatorGroup group) {
    // JRaft calls this before it initialises the client.
    replicators = new Replicators(group, this::sendOneWay);
  }

  @Override
  public Object invokeSync(
      Endpoint endpoint, Object request, @Nullable InvokeContext ctx, long timeoutMs)
      throws InterruptedException, RemotingException {
    if (request instanceof PingRequest && !links(endpoint).awaitConnected(timeoutMs)) {
      throw new RemotingException("cannot connect to " + endpoint);
    }
    CompletableFuture<Object> answer = new CompletableFuture<>();
    invokeAsync(
        endpoint,
        request,
        ctx,
        new InvokeCallback() {
          @Override
          public void complete(@Nullable Object result, @Nullable Throwable error) {
            if (error != null) {
              answer.completeExceptionally(error);
            } else {
              answer.complete(result);
            }
          }

          @Override
          public java.util.concurrent.Executor executor() {
            return Runnable::run;
          }
        },
        timeoutMs);
    try {
      return answer.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new InvokeTimeoutException("no answer in time from " + endpoint, e);
    } catch (ExecutionException e) {
      throw new RemotingException(e.getCause());
    }
  }

  @Override
  public void invokeAsync(
      Endpoint endpoint,
      Object request,
      @Nullable InvokeContext ctx,
      InvokeCallback callback,
      long timeoutMs)
      throws RemotingException {
    RaftTransport ours = requireTransport();
    boolean transfer = false;
    InvokeCallback answered = callback;
    if (request instanceof AppendEntriesRequest append) {
      answered = ListenedAppend.sent(endpoint, append, callback, ours.appends());
    } else if (request instanceof RequestVoteRequest vote) {
      if (!ours.gate().mayAskForVotes(vote.getTerm(), vote.getPreVote())) {
        throw new RemotingException("a live leader was heard: no votes are asked for");
      }
      transfer = ours.gate().isSuccessor(vote.getTerm(), vote.getPreVote());
    } else if (request instanceof TimeoutNowRequest) {
      ours.beforeTimeoutNow().run();
    }
    try {
      links(endpoint).call((Message) request, transfer, answered, timeoutMs);
    } catch (RemotingException | RuntimeException e) {
      if (request instanceof AppendEntriesRequest) {
        // Nobody will call back: the listener has to hear it from here.
        ours.appends().lost(endpoint);
      }
      throw e;
    }
  }

  private void sendOneWay(Endpoint endpoint, AppendEntriesRequest request) {
    PeerLinks toPeer = links.get(endpoint);
    if (toPeer != null) {
      toPeer.sendOneWay(request);
    }
  }

  private PeerLinks links(Endpoint endpoint) {
    PeerLinks toPeer =
        links.computeIfAbsent(
            endpoint,
            to ->
                new PeerLinks(
                    RaftTransport.address(to), requireTransport(), () -> replicateTo(endpoint)));
    if (stopped) {
      // JRaft still calls while it stops: what was made after shutdown closed the links must not
      // connect.
      toPeer.close();
    }
    return toPeer;
  }

  private void replicateTo(Endpoint endpoint) {
    Replicators byJraft = replicators;
    if (byJraft != null) {
      byJraft.connected(endpoint);
    }
  }

  private RaftTransport requireTransport() {
    RaftTransport ours = transport;
    if (ours == null) {
      throw new IllegalStateException("the client was not initialised");
    }
    return ours;
  }
}
