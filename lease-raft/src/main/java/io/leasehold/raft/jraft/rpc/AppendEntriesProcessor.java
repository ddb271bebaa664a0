package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.rpc.RaftServerService;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.impl.core.NodeRequestProcessor;
import com.google.protobuf.Message;
import java.util.concurrent.Executor;

/**
 * Hands entries and heartbeats to the node and sends each answer when it is there.
 *
 * <p>JRaft's own processor also puts answers in order, by numbers that it keeps per pair of
 * members: an answer that is still on its way when the stream breaks then blocks the answers on the
 * next one. Its replicators put answers in order themselves, so nothing is lost without that. The
 * order of requests is the stream's affair.
 */
final class AppendEntriesProcessor extends NodeRequestProcessor<AppendEntriesRequest> {
  AppendEntriesProcessor(Executor executor) {
    super(executor, AppendEntriesResponse.getDefaultInstance());
  }

  @Override
  protected Message processRequest0(
      RaftServerService node, AppendEntriesRequest request, RpcRequestClosure done) {
    return node.handleAppendEntriesRequest(request, done);
  }

  @Override
  protected String getPeerId(AppendEntriesRequest request) {
    return request.getPeerId();
  }

  @Override
  protected String getGroupId(AppendEntriesRequest request) {
    return request.getGroupId();
  }

  @Override
  public String interest() {
    return AppendEntriesRequest.class.getName();
  }
}
