package io.leasehold.raft.jraft.rpc;

import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexResponse;
import java.util.concurrent.Executor;

/** Answers followers that ask for the read index, on the network thread: nothing here blocks. */
public final class ReadIndexProcessor implements RpcProcessor<ReadIndexRequest> {
  private final ReadIndexSource source;

  public ReadIndexProcessor(ReadIndexSource source) {
    this.source = source;
  }

  @Override
  public void handleRequest(RpcContext context, ReadIndexRequest request) {
    source.readIndex(
        index ->
            context.sendResponse(
                ReadIndexResponse.newBuilder()
                    .setIndex(Math.max(0, index))
                    .setSuccess(index != ReadIndexSource.UNKNOWN)
                    .build()));
  }

  @Override
  public String interest() {
    return ReadIndexRequest.class.getName();
  }

  @Override
  public Executor executor() {
    return Runnable::run;
  }
}
