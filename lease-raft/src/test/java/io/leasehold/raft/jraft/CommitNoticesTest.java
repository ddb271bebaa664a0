package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitNoticesTest {
  private static final PeerId ONE = new PeerId("127.0.0.1", 1);
  private static final PeerId TWO = new PeerId("127.0.0.1", 2);

  private final FakeReplicatorGroup group = new FakeReplicatorGroup();
  private final List<PeerId> sent = group.sent();
  private final CommitHorizon horizon = new CommitHorizon();
  private final CommitNotices notices = new CommitNotices(horizon, Runnable::run);

  @Test
  void commitIsToldAtOnceToEachFollowerThatHasTheEntries() {
    begin(ONE, TWO);
    stored(ONE, 7);
    stored(TWO, 7);
    assertThat(sent).isEmpty();
    notices.committed(7);
    assertThat(sent).containsExactlyInAnyOrder(ONE, TWO);
  }

  @Test
  void slowerFollowerIsToldWhenItHasTheEntries() {
    begin(ONE, TWO);
    stored(ONE, 7);
    notices.committed(7);
    assertThat(sent).containsExactly(ONE);
    stored(TWO, 7);
    assertThat(sent).containsExactly(ONE, TWO);
  }

  @Test
  void followerThatTheNextEntriesHaveToldIsNotToldAgain() {
    begin(ONE);
    stored(ONE, 7);
    notices.sent(ONE.getEndpoint(), 7);
    notices.committed(7);
    assertThat(sent).isEmpty();
    stored(ONE, 8);
    assertThat(sent).isEmpty();
    notices.committed(8);
    assertThat(sent).hasSize(1);
  }

  @Test
  void commitsWhileANoticeIsOnTheWayGoTogetherWithTheNext() {
    begin(ONE);
    stored(ONE, 9);
    notices.committed(7);
    notices.sent(ONE.getEndpoint(), 7);
    notices.committed(8);
    notices.committed(9);
    assertThat(sent).hasSize(1);
    answer(Status.OK());
    assertThat(sent).hasSize(2);
    notices.sent(ONE.getEndpoint(), 9);
    answer(Status.OK());
    assertThat(sent).hasSize(2);
  }

  @Test
  void noticeThatCouldNotTellIsNotRepeatedBeforeThereIsMore() {
    begin(ONE);
    stored(ONE, 7);
    notices.committed(7);
    answer(Status.OK());
    assertThat(sent).hasSize(1);
    stored(ONE, 8);
    assertThat(sent).hasSize(2);
  }

  @Test
  void followerThatDoesNotAnswerIsToldWithTheNextCommit() {
    begin(ONE);
    stored(ONE, 9);
    notices.committed(7);
    notices.committed(8);
    answer(new Status(RaftError.EHOSTDOWN, "down"));
    assertThat(sent).hasSize(1);
    notices.committed(9);
    assertThat(sent).hasSize(2);
  }

  @Test
  void whatWasSentToAFollowerThatLostItIsToldAgain() {
    begin(ONE);
    stored(ONE, 7);
    notices.sent(ONE.getEndpoint(), 7);
    notices.lost(ONE.getEndpoint());
    notices.committed(7);
    assertThat(sent).hasSize(1);
  }

  @Test
  void nextTimeAsLeaderKnowsNothingOfTheLast() {
    begin(ONE);
    stored(ONE, 9);
    notices.startOver();
    notices.committed(9);
    assertThat(sent).isEmpty();
    stored(ONE, 9);
    assertThat(sent).hasSize(1);
  }

  @Test
  void nothingIsSentBeforeThereIsAWay() {
    notices.followersAre(List.of(ONE));
    stored(ONE, 7);
    notices.committed(7);
    assertThat(sent).isEmpty();
    notices.sendBy(group.replicators());
    notices.committed(7);
    assertThat(sent).hasSize(1);
  }

  @Test
  void whatIsSentMovesTheHorizon() {
    begin(ONE);
    notices.sent(ONE.getEndpoint(), 7);
    notices.sent(TWO.getEndpoint(), 9);
    notices.sent(ONE.getEndpoint(), 8);
    assertThat(horizon.index()).isEqualTo(9);
  }

  @Test
  void followerWhoseNoticeFailedToBeSentGetsTheNext() {
    begin(ONE);
    stored(ONE, 9);
    group.failNextHeartbeat();
    notices.committed(7);
    assertThat(sent).isEmpty();
    notices.committed(9);
    assertThat(sent).containsExactly(ONE);
  }

  private void begin(PeerId... followers) {
    notices.sendBy(group.replicators());
    notices.followersAre(List.of(followers));
  }

  private void stored(PeerId follower, long lastIndex) {
    notices.stored(follower.getEndpoint(), lastIndex);
  }

  private void answer(Status status) {
    group.nextAnswer().run(status);
  }
}
