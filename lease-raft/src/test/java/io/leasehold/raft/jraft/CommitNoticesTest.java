package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosure;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitNoticesTest {
  private static final PeerId ONE = new PeerId("127.0.0.1", 1);
  private static final PeerId TWO = new PeerId("127.0.0.1", 2);

  private final List<PeerId> sent = new ArrayList<>();
  private final ArrayDeque<RpcResponseClosure<AppendEntriesResponse>> answers = new ArrayDeque<>();
  private final CommitNotices notices = new CommitNotices(Runnable::run);

  @Test
  void commitIsToldToEachFollowerAtOnce() {
    begin(ONE, TWO);
    notices.committed();
    assertThat(sent).containsExactly(ONE, TWO);
  }

  @Test
  void commitsWhileANoticeIsOnTheWayGoTogetherWithTheNext() {
    begin(ONE);
    notices.committed();
    notices.committed();
    notices.committed();
    assertThat(sent).hasSize(1);
    answer(Status.OK());
    assertThat(sent).hasSize(2);
    answer(Status.OK());
    assertThat(sent).hasSize(2);
    notices.committed();
    assertThat(sent).hasSize(3);
  }

  @Test
  void followerThatDoesNotAnswerIsToldWithTheNextCommit() {
    begin(ONE);
    notices.committed();
    notices.committed();
    answer(new Status(RaftError.EHOSTDOWN, "down"));
    assertThat(sent).hasSize(1);
    notices.committed();
    assertThat(sent).hasSize(2);
  }

  @Test
  void nothingIsSentBeforeThereIsAWay() {
    notices.followersAre(List.of(ONE));
    notices.committed();
    begin(ONE);
    notices.committed();
    assertThat(sent).hasSize(1);
  }

  private void begin(PeerId... followers) {
    notices.sendBy(replicators());
    notices.followersAre(List.of(followers));
  }

  private void answer(Status status) {
    answers.remove().run(status);
  }

  private ReplicatorGroup replicators() {
    return (ReplicatorGroup)
        Proxy.newProxyInstance(
            ReplicatorGroup.class.getClassLoader(),
            new Class<?>[] {ReplicatorGroup.class},
            (self, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("sendHeartbeat");
              sent.add((PeerId) arguments[0]);
              @SuppressWarnings("unchecked") // the method's own parameter type
              RpcResponseClosure<AppendEntriesResponse> answer =
                  (RpcResponseClosure<AppendEntriesResponse>) arguments[1];
              answers.add(answer);
              return null;
            });
  }
}
