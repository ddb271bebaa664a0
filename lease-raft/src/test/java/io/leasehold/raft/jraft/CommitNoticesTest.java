package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.raft.propose.EntryLog;
import io.leasehold.raft.propose.ProposalBatcher;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitNoticesTest {
  private static final PeerId SELF = new PeerId("127.0.0.1", 9);
  private static final PeerId ONE = new PeerId("127.0.0.1", 1);
  private static final PeerId TWO = new PeerId("127.0.0.1", 2);
  private static final long TERM = 5;

  /** The first entry of the term of which this member hears that it is committed. */
  private static final long FIRST = 4;

  private final FakeReplicatorGroup group = new FakeReplicatorGroup();
  private final CommitHorizon horizon = new CommitHorizon();
  private final ArrayDeque<EntryLog.Callback> entries = new ArrayDeque<>();
  private final ProposalBatcher proposals =
      new ProposalBatcher((entry, term, done) -> entries.add(done));
  private long term = TERM;
  private final CommitNotices notices = new CommitNotices(SELF, horizon, proposals);

  @Test
  void commitIsToldToEachFollowerThatHasTheEntriesOnceProposersAreAnswered() {
    begin(ONE, TWO);
    stored(ONE, 7);
    stored(TWO, 7);
    notices.committed(7, TERM);
    assertThat(told()).isEmpty();
    notices.applied(7, TERM);
    assertThat(told()).containsExactlyInAnyOrder("1 of 7", "2 of 7");
  }

  @Test
  void noticeIsAHeartbeatOfTheTermThatIsLed() {
    begin(ONE);
    stored(ONE, 9);
    applied(7);
    AppendEntriesRequest notice = group.notices().get(0);
    assertThat(notice.getTerm()).isEqualTo(TERM);
    assertThat(notice.getPrevLogIndex()).isEqualTo(7);
    assertThat(notice.getPrevLogTerm()).isEqualTo(TERM);
    assertThat(notice.getCommittedIndex()).isEqualTo(7);
    assertThat(notice.getEntriesCount()).isZero();
    assertThat(notice.hasData()).isFalse();
    assertThat(notice.getServerId()).isEqualTo(SELF.toString());
    assertThat(notice.getPeerId()).isEqualTo(ONE.toString());
    assertThat(notice.getGroupId()).isEqualTo(RaftSettings.GROUP);
  }

  @Test
  void slowerFollowerIsToldWhenItHasTheEntries() {
    begin(ONE, TWO);
    stored(ONE, 7);
    applied(7);
    assertThat(told()).containsExactly("1 of 7");
    stored(TWO, 7);
    assertThat(told()).containsExactly("1 of 7", "2 of 7");
  }

  @Test
  void followerIsToldOnlyOfWhatItHas() {
    begin(ONE);
    stored(ONE, 6);
    applied(9);
    assertThat(told()).containsExactly("1 of 6");
  }

  @Test
  void followerThatTheNextEntriesHaveToldIsNotToldAgain() {
    begin(ONE);
    stored(ONE, 7);
    notices.sent(ONE.getEndpoint(), 7);
    applied(7);
    stored(ONE, 8);
    assertThat(told()).isEmpty();
    applied(8);
    assertThat(told()).containsExactly("1 of 8");
    applied(8);
    assertThat(told()).hasSize(1);
  }

  @Test
  void entriesOfEarlierTermsAreLeftToJraft() {
    begin(ONE);
    notices.lost(ONE.getEndpoint());
    stored(ONE, FIRST - 1);
    applied(7);
    assertThat(told()).isEmpty();
    stored(ONE, FIRST);
    assertThat(told()).containsExactly("1 of " + FIRST);
  }

  @Test
  void whatWasSentToAFollowerThatLostItIsToldAgain() {
    begin(ONE);
    stored(ONE, 7);
    notices.sent(ONE.getEndpoint(), 7);
    notices.lost(ONE.getEndpoint());
    applied(7);
    assertThat(told()).containsExactly("1 of 7");
  }

  @Test
  void nextTimeAsLeaderKnowsNothingOfTheLast() {
    begin(ONE);
    stored(ONE, 9);
    term = TERM + 1;
    notices.startOver(term);
    applied(8);
    assertThat(told()).isEmpty();
    stored(ONE, 9);
    assertThat(told()).containsExactly("1 of 8");
    assertThat(group.notices().get(0).getTerm()).isEqualTo(TERM + 1);
  }

  @Test
  void nothingIsSentBeforeThereIsAWay() {
    notices.followersAre(List.of(ONE));
    notices.startOver(TERM);
    applied(FIRST);
    stored(ONE, 7);
    applied(7);
    notices.sendBy(group.replicators());
    applied(7);
    assertThat(told()).containsExactly("1 of 7");
  }

  @Test
  void anIndexOfAnotherTermIsNotToldInThisOne() {
    begin(ONE);
    notices.startOver(TERM + 1);
    stored(ONE, 9);
    // Of the term before: an entry that a follower has at that place may not be the one meant.
    notices.committed(8, TERM);
    notices.applied(8, TERM);
    assertThat(told()).isEmpty();
  }

  @Test
  void followerWhoseNoticeFailedToBeSentGetsTheNext() {
    begin(ONE);
    stored(ONE, 9);
    group.failNext();
    applied(7);
    assertThat(told()).isEmpty();
    applied(7);
    assertThat(told()).containsExactly("1 of 7");
  }

  @Test
  void whatIsSentMovesTheHorizon() {
    begin(ONE);
    notices.sent(ONE.getEndpoint(), 7);
    notices.sent(TWO.getEndpoint(), 9);
    notices.sent(ONE.getEndpoint(), 8);
    assertThat(horizon.index()).isEqualTo(9);
    stored(ONE, 12);
    applied(11);
    assertThat(horizon.index()).isEqualTo(11);
  }

  @Test
  void nothingIsSentWhereWaitingCommandsAreAboutToMakeTheNextEntry() {
    begin(ONE);
    stored(ONE, 9);
    proposeUntilOneWaits();
    applied(7);
    assertThat(told()).isEmpty();
    notices.committed(8, TERM);
    completeOldest();
    assertThat(proposals.queued()).isZero();
    notices.applied(8, TERM);
    assertThat(told()).isEmpty();
  }

  @Test
  void isToldAfterAllWhenNoEntryCameOfThem() {
    begin(ONE);
    stored(ONE, 9);
    proposeUntilOneWaits();
    notices.committed(7, TERM);
    proposals.close();
    notices.applied(7, TERM);
    assertThat(told()).containsExactly("1 of 7");
  }

  private void begin(PeerId... followers) {
    notices.sendBy(group.replicators());
    notices.followersAre(List.of(followers));
    notices.startOver(TERM);
    applied(FIRST);
    List.of(followers).forEach(follower -> notices.sent(follower.getEndpoint(), FIRST));
  }

  private void stored(PeerId follower, long lastIndex) {
    notices.stored(follower.getEndpoint(), lastIndex);
  }

  /** An entry is committed, applied, and its proposers answered, without another coming. */
  private void applied(long index) {
    notices.committed(index, term);
    notices.applied(index, term);
  }

  private List<String> told() {
    return group.notices().stream()
        .map(notice -> portOf(notice.getPeerId()) + " of " + notice.getCommittedIndex())
        .toList();
  }

  private static int portOf(String peer) {
    PeerId parsed = new PeerId();
    assertThat(parsed.parse(peer)).isTrue();
    return parsed.getPort();
  }

  private void proposeUntilOneWaits() {
    while (proposals.queued() == 0) {
      proposals.propose(new Command.Grant(1, 1000), TERM, result -> {});
    }
  }

  private void completeOldest() {
    entries.remove().applied(7, List.of(new Outcome.Granted(1, 1000)));
  }
}
