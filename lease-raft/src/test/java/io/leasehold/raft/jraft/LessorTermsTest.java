package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.log.ProposalResult.Rejection;
import io.leasehold.raft.CountingObserver;
import io.leasehold.raft.jraft.lead.LeaderLease;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LessorTermsTest {
  private static final int ELECTION_MILLIS = 1000;
  private static final ProposalResult MARKED =
      new ProposalResult.Applied(1, new Outcome.Revoked(0, 1));

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final LeaseTable leases = new LeaseTable();
  private final LeadershipView view = new LeadershipView();
  private final ArrayDeque<CommandLog.Callback> proposed = new ArrayDeque<>();
  private final CountingObserver observer = new CountingObserver();
  private final LessorTerms lessors =
      new LessorTerms(
          "own",
          LessorConfig.of(TimeUnit.MILLISECONDS.toNanos(ELECTION_MILLIS), 1),
          () -> leases,
          (command, term, callback) -> proposed.add(callback),
          view,
          new LeadershipProof(
              new LeaderLease(() -> 0, () -> 0),
              view,
              () -> 0,
              () -> true,
              new HeartbeatRounds(
                  () -> HeartbeatRounds.UNPROVEN, Runnable::run, timer, ELECTION_MILLIS),
              () -> 0,
              timer,
              ELECTION_MILLIS),
          () -> 0,
          timer,
          observer,
          message -> {});

  @BeforeEach
  void forgetWhatIsCancelled() {
    timer.setRemoveOnCancelPolicy(true);
  }

  @AfterEach
  void stop() {
    lessors.end("a test says so");
    timer.shutdownNow();
  }

  @Test
  void newTermHasItsLessorAtOnce() {
    assertThat(lessors.begin(5)).isFalse();
    assertThat(lessors.isPromoted()).isTrue();
    assertThat(view.leadership().isLeader()).isTrue();
    assertThat(promoted().term()).isEqualTo(5);
    assertThat(observer.promotions()).isEqualTo(1);
  }

  @Test
  void whatIsAppliedReachesTheLessor() {
    lessors.begin(5);
    Lease lease = new Lease(7, 1000, 0);
    leases.put(lease);
    lessors.granted(lease);
    assertThat(promoted().remainingMillis(7, 0)).isBetween(1000L, 2000L);
    lessors.end("a test says so");
    assertThat(view.lessor()).isNull();
    lessors.revoked(List.of(lease));
  }

  @Test
  void termLedOnAfterAFailedTransferWaitsForWhatIsUnderWay() {
    lessors.begin(5);
    lessors.end("a test says so");
    proposed.clear();
    assertThat(lessors.begin(5)).isTrue();
    assertThat(lessors.isPromoted()).isFalse();
    assertThat(observer.promotions()).isEqualTo(1);
    proposed.remove().complete(MARKED);
    assertThat(promoted().term()).isEqualTo(5);
    assertThat(observer.promotions()).isEqualTo(2);
  }

  @Test
  void leadershipThatIsLostMeanwhileHasNoLessor() {
    lessors.begin(5);
    lessors.end("a test says so");
    proposed.clear();
    lessors.begin(5);
    lessors.end("a test says so");
    proposed.remove().complete(MARKED);
    assertThat(lessors.isPromoted()).isFalse();
  }

  @Test
  void stoppedMemberPromotesNobody() {
    lessors.begin(5);
    lessors.end("a test says so");
    proposed.clear();
    lessors.begin(5);
    lessors.stop();
    proposed.remove().complete(new ProposalResult.Rejected(Rejection.STOPPING));
    assertThat(timer.getQueue()).isEmpty();
    assertThat(lessors.isPromoted()).isFalse();
  }

  @Test
  void onlyTheLeaderMarksTheLog() {
    lessors.mark();
    assertThat(proposed).isEmpty();
    lessors.begin(5);
    proposed.clear();
    lessors.mark();
    assertThat(proposed).hasSize(1);
  }

  private Lessor promoted() {
    Lessor lessor = view.lessor();
    assertThat(lessor).isNotNull();
    return lessor;
  }
}
