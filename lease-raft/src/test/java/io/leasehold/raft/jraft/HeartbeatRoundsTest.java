package io.leasehold.raft.jraft;

import static io.leasehold.raft.jraft.HeartbeatRounds.UNPROVEN;
import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosure;
import io.leasehold.raft.cluster.Await;
import io.leasehold.raft.cluster.LocalCluster;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeartbeatRoundsTest {
  private static final long TERM = 5;

  private static final int LONG_MILLIS = 3_600_000;

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final FakeReplicatorGroup group = new FakeReplicatorGroup();
  private final List<Long> results = new ArrayList<>();
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private boolean holds;
  private long ledTerm = TERM;
  private final HeartbeatRounds rounds =
      new HeartbeatRounds(() -> ledTerm, this::execute, timer, LONG_MILLIS);

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void answerThatNeverComesDoesNotKeepTheNextRoundFromBeginning() {
    HeartbeatRounds impatient = new HeartbeatRounds(() -> ledTerm, this::execute, timer, 1);
    impatient.sendBy(group.replicators());
    impatient.votersAre(List.of(new PeerId("127.0.0.1", 1)), true);
    AtomicLong result = new AtomicLong();
    impatient.join(result::set);
    Await.until("the round is over", LocalCluster.PATIENCE, () -> result.get() == UNPROVEN);
    impatient.join(result::set);
    assertThat(group.sent()).hasSize(2);
  }

  @Test
  void oneOfTwoFollowersIsEnough() {
    begin(2, true);
    rounds.join(results::add);
    assertThat(results).isEmpty();
    answer(true, TERM);
    assertThat(results).containsExactly(TERM);
    answer(true, TERM);
    assertThat(results).containsExactly(TERM);
  }

  @Test
  void refusalsOfAMajorityProveNothing() {
    begin(2, true);
    rounds.join(results::add);
    answer(false, TERM);
    answer(false, TERM);
    assertThat(results).containsExactly(UNPROVEN);
  }

  @Test
  void twoOfFourFollowersMustAnswerForThemselves() {
    begin(4, true);
    rounds.join(results::add);
    // JRaft hands answers over in two steps: here the steps of a success and a refusal interleave.
    RpcResponseClosure<AppendEntriesResponse> first = group.nextAnswer();
    RpcResponseClosure<AppendEntriesResponse> second = group.nextAnswer();
    second.setResponse(response(false, TERM + 1));
    first.setResponse(response(true, TERM));
    first.run(Status.OK());
    second.run(Status.OK());
    assertThat(results).isEmpty();
    answer(true, TERM);
    assertThat(results).containsExactly(TERM);
  }

  @Test
  void answerInAnotherTermCountsForNothing() {
    begin(2, true);
    rounds.join(results::add);
    answer(true, TERM + 1);
    assertThat(results).isEmpty();
    group.nextAnswer().run(new Status(RaftError.EHOSTDOWN, "down"));
    assertThat(results).containsExactly(UNPROVEN);
  }

  @Test
  void memberThatVotesNoMoreDoesNotCountItself() {
    begin(2, false);
    rounds.join(results::add);
    answer(true, TERM);
    assertThat(results).isEmpty();
    answer(true, TERM);
    assertThat(results).containsExactly(TERM);
  }

  @Test
  void onlyVoterProvesItselfAtOnce() {
    begin(0, true);
    rounds.join(results::add);
    assertThat(results).containsExactly(TERM);
  }

  @Test
  void memberThatDoesNotLeadProvesNothing() {
    begin(2, true);
    ledTerm = UNPROVEN;
    rounds.join(results::add);
    assertThat(results).containsExactly(UNPROVEN);
    assertThat(group.sent()).isEmpty();
  }

  @Test
  void followerWhoseReplicatorIsHeldUpHoldsUpOneThreadOnly() {
    begin(1, true);
    holds = true;
    rounds.join(results::add);
    assertThat(held).hasSize(1);
    rounds.join(results::add);
    assertThat(held).hasSize(1);
    holds = false;
    held.remove().run();
    answer(false, TERM);
    answer(true, TERM);
    assertThat(results).containsExactly(UNPROVEN, TERM);
  }

  @Test
  void followerThatCannotBeSentToIsAMissingAnswer() {
    begin(2, true);
    group.failNext();
    rounds.join(results::add);
    assertThat(group.sent()).hasSize(1);
    assertThat(results).isEmpty();
    answer(true, TERM);
    assertThat(results).containsExactly(TERM);
  }

  private void begin(int others, boolean isOwnIncluded) {
    rounds.sendBy(group.replicators());
    rounds.votersAre(
        IntStream.rangeClosed(1, others).mapToObj(port -> new PeerId("127.0.0.1", port)).toList(),
        isOwnIncluded);
  }

  private void answer(boolean isSuccess, long term) {
    RpcResponseClosure<AppendEntriesResponse> answer = group.nextAnswer();
    answer.setResponse(response(isSuccess, term));
    answer.run(Status.OK());
  }

  private static AppendEntriesResponse response(boolean isSuccess, long term) {
    return AppendEntriesResponse.newBuilder().setSuccess(isSuccess).setTerm(term).build();
  }

  private void execute(Runnable task) {
    if (holds) {
      held.add(task);
    } else {
      task.run();
    }
  }
}
