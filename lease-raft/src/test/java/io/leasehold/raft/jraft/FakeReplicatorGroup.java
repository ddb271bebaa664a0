package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosure;
import io.leasehold.raft.jraft.rpc.Replicators;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Takes heartbeats instead of JRaft's replicators; the test answers them. */
final class FakeReplicatorGroup {
  private final List<PeerId> sent = new ArrayList<>();
  private final ArrayDeque<RpcResponseClosure<AppendEntriesResponse>> answers = new ArrayDeque<>();
  private final List<AppendEntriesRequest> notices = new ArrayList<>();
  private boolean failsNext;

  Replicators replicators() {
    return new Replicators(
        (ReplicatorGroup)
            Proxy.newProxyInstance(
                ReplicatorGroup.class.getClassLoader(),
                new Class<?>[] {ReplicatorGroup.class},
                (self, method, arguments) -> {
                  if (!method.getName().equals("sendHeartbeat")) {
                    throw new UnsupportedOperationException(method.getName());
                  }
                  @SuppressWarnings("unchecked") // the method's own parameter type
                  RpcResponseClosure<AppendEntriesResponse> answer =
                      (RpcResponseClosure<AppendEntriesResponse>) arguments[1];
                  heartbeat((PeerId) arguments[0], answer);
                  return null;
                }),
        (follower, request) -> notice(request));
  }

  private void notice(AppendEntriesRequest request) {
    failIfTold();
    notices.add(request);
  }

  private void failIfTold() {
    if (failsNext) {
      failsNext = false;
      throw new IllegalStateException("no replicator");
    }
  }

  private void heartbeat(PeerId follower, RpcResponseClosure<AppendEntriesResponse> answer) {
    failIfTold();
    sent.add(follower);
    answers.add(answer);
  }

  /** Returns the followers that heartbeats were sent to, in order. */
  List<PeerId> sent() {
    return sent;
  }

  /** Has the next heartbeat or notice fail to be sent. */
  void failNext() {
    failsNext = true;
  }

  /** Returns what was sent that nobody answers, in order. */
  List<AppendEntriesRequest> notices() {
    return notices;
  }

  /** Returns what takes the answer to the oldest heartbeat without one. */
  RpcResponseClosure<AppendEntriesResponse> nextAnswer() {
    return answers.remove();
  }
}
