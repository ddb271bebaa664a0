package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.RaftClientService;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosure;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.lessor.LessorObserver;
import io.leasehold.raft.cluster.Await;
import io.leasehold.raft.cluster.LocalCluster;
import io.leasehold.raft.jraft.lead.LeaderLease;
import io.leasehold.raft.jraft.rpc.ReadIndexSource;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadBarrierTest {
  private static final long TERM = 5;
  private static final int ELECTION_MILLIS = 1000;
  private static final PeerId OTHER = new PeerId("127.0.0.1", 2);

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final AtomicInteger marks = new AtomicInteger();
  private final FakeReplicatorGroup group = new FakeReplicatorGroup();
  private final CommitHorizon horizon = new CommitHorizon();
  private final AppliedWaiters waiters = new AppliedWaiters();
  private final LeadershipView view = new LeadershipView();
  private final LeaderLease lease = new LeaderLease(() -> 0, () -> TERM);
  private final HeartbeatRounds rounds =
      new HeartbeatRounds(
          () -> view.leadership().isLeader() ? TERM : HeartbeatRounds.UNPROVEN,
          Runnable::run,
          timer,
          ELECTION_MILLIS);
  private final LeadershipProof proof =
      new LeadershipProof(
          lease, view, () -> TERM, () -> true, rounds, () -> 0, timer, ELECTION_MILLIS);
  private final ArrayDeque<RpcResponseClosure<ReadIndexResponse>> questions = new ArrayDeque<>();
  private final List<Boolean> passed = new ArrayList<>();
  private final ReadBarrier barrier =
      new ReadBarrier(
          view,
          proof,
          horizon,
          waiters,
          name -> OTHER,
          new PeerId("127.0.0.1", 1),
          ELECTION_MILLIS,
          timer,
          marks::incrementAndGet);

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void leaderWithItsLeaseAsksNobody() {
    leadWithLease();
    barrier.pass(passed::add);
    assertThat(passed).containsExactly(true);
    assertThat(group.sent()).hasSize(1);
  }

  @Test
  void leaderWaitsForWhatAFollowerMayHaveShownAlready() {
    leadWithLease();
    horizon.reaches(8);
    barrier.pass(passed::add);
    assertThat(passed).isEmpty();
    waiters.applied(7);
    assertThat(passed).isEmpty();
    waiters.applied(8);
    assertThat(passed).containsExactly(true);
  }

  @Test
  void indexOfAChangeOfTheConfigurationIsFollowedByACommand() {
    leadWithLease();
    waiters.applied(7);
    horizon.reaches(8);
    barrier.pass(passed::add);
    Await.until("a mark", LocalCluster.PATIENCE, () -> marks.get() > 0);
    assertThat(passed).isEmpty();
    waiters.applied(9);
    assertThat(passed).containsExactly(true);
  }

  @Test
  void leaderThatHasAppliedAllMarksNothing() {
    leadWithLease();
    waiters.applied(8);
    horizon.reaches(8);
    barrier.pass(passed::add);
    assertThat(marks).hasValue(0);
    assertThat(passed).containsExactly(true);
  }

  @Test
  void leaderWithoutLeaseProvesItselfFirst() {
    lead();
    barrier.pass(passed::add);
    assertThat(passed).isEmpty();
    answerHeartbeat(true);
    assertThat(passed).containsExactly(true);
  }

  @Test
  void leaderThatCannotProveItselfFails() {
    lead();
    barrier.pass(passed::add);
    answerHeartbeat(false);
    assertThat(passed).containsExactly(false);
  }

  @Test
  void followerWaitsForTheIndexThatTheLeaderNames() {
    follow();
    barrier.pass(passed::add);
    answerQuestion(9);
    assertThat(passed).isEmpty();
    waiters.applied(9);
    assertThat(passed).containsExactly(true);
  }

  @Test
  void questionsOfAFollowerAreShared() {
    follow();
    barrier.pass(passed::add);
    barrier.pass(passed::add);
    barrier.pass(passed::add);
    assertThat(questions).hasSize(1);
    answerQuestion(0);
    assertThat(passed).containsExactly(true);
    answerQuestion(0);
    assertThat(passed).containsExactly(true, true, true);
  }

  @Test
  void followerFailsWhenTheLeaderDoesNotAnswer() {
    follow();
    barrier.pass(passed::add);
    questions.remove().run(new Status(RaftError.EHOSTDOWN, "down"));
    assertThat(passed).containsExactly(false);
  }

  @Test
  void memberWithoutALeaderFailsAtOnce() {
    barrier.start(client());
    barrier.pass(passed::add);
    assertThat(passed).containsExactly(false);
  }

  @Test
  void memberThatDoesNotLeadAnswersNobodyElse() {
    follow();
    List<Long> indexes = new ArrayList<>();
    barrier.readIndex(indexes::add);
    assertThat(indexes).containsExactly(ReadIndexSource.UNKNOWN);
  }

  private void lead() {
    rounds.sendBy(group.replicators());
    rounds.votersAre(List.of(OTHER), true);
    view.leads(
        TERM,
        "own",
        new Lessor(
            TERM,
            LessorConfig.of(ELECTION_MILLIS * 1_000_000L, 1),
            new LeaseTable(),
            () -> 0,
            (command, term, callback) -> {},
            LessorObserver.NONE,
            () -> {}));
    lease.lead(TERM);
  }

  private void leadWithLease() {
    lead();
    proof.barrier(TERM, proven -> {});
    answerHeartbeat(true);
    assertThat(proof.isCertain(TERM)).isTrue();
  }

  private void follow() {
    barrier.start(client());
    view.follows(TERM, "other");
  }

  private void answerHeartbeat(boolean isSuccess) {
    RpcResponseClosure<AppendEntriesResponse> answer = group.nextAnswer();
    answer.setResponse(
        AppendEntriesResponse.newBuilder().setSuccess(isSuccess).setTerm(TERM).build());
    answer.run(Status.OK());
  }

  private void answerQuestion(long index) {
    RpcResponseClosure<ReadIndexResponse> answer = questions.remove();
    answer.setResponse(ReadIndexResponse.newBuilder().setSuccess(true).setIndex(index).build());
    answer.run(Status.OK());
  }

  private RaftClientService client() {
    return (RaftClientService)
        Proxy.newProxyInstance(
            RaftClientService.class.getClassLoader(),
            new Class<?>[] {RaftClientService.class},
            (self, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("readIndex");
              assertThat(arguments[0]).isEqualTo(OTHER.getEndpoint());
              assertThat(((ReadIndexRequest) arguments[1]).getPeerId()).isEqualTo(OTHER.toString());
              @SuppressWarnings("unchecked") // the method's own parameter type
              RpcResponseClosure<ReadIndexResponse> answer =
                  (RpcResponseClosure<ReadIndexResponse>) arguments[3];
              questions.add(answer);
              return null;
            });
  }
}
