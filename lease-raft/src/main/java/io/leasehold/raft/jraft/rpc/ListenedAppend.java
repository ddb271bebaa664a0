package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.util.Endpoint;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A call that carries entries or a heartbeat, and lets the listener hear of it. */
final class ListenedAppend implements InvokeCallback {
  private final Endpoint follower;
  private final long lastIndex;
  private final boolean hasEntries;
  private final InvokeCallback callback;
  private final AppendListener listener;

  private ListenedAppend(
      Endpoint follower,
      AppendEntriesRequest request,
      InvokeCallback callback,
      AppendListener listener) {
    this.follower = follower;
    this.lastIndex = request.getPrevLogIndex() + request.getEntriesCount();
    this.hasEntries = request.getEntriesCount() > 0;
    this.callback = callback;
    this.listener = listener;
  }

  /**
   * Lets the listener hear of a request that is about to be sent; returns what takes its answer.
   */
  static InvokeCallback sent(
      Endpoint follower,
      AppendEntriesRequest request,
      InvokeCallback callback,
      AppendListener listener) {
    ListenedAppend append = new ListenedAppend(follower, request, callback, listener);
    listener.sent(follower, Math.min(request.getCommittedIndex(), append.lastIndex));
    return append;
  }

  @Override
  public void complete(@Nullable Object result, @Nullable Throwable error) {
    callback.complete(result, error);
    if (error != null) {
      listener.lost(follower);
    } else if (hasEntries
        && result instanceof AppendEntriesResponse response
        && response.getSuccess()) {
      listener.stored(follower, lastIndex);
    }
  }

  @Override
  public @Nullable Executor executor() {
    return callback.executor();
  }
}
