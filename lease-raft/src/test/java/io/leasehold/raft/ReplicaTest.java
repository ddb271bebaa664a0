package io.leasehold.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.raft.cluster.Await;
import io.leasehold.raft.cluster.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a replica promises, on three real members that stay up. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class ReplicaTest {
  private LocalCluster cluster;

  @BeforeAll
  void start(@TempDir Path root) {
    cluster = LocalCluster.started(root, 3, 100_000);
  }

  @AfterAll
  void stop() {
    cluster.close();
    assertThat(cluster.fatalLines()).isEmpty();
  }

  @Test
  void membersAgreeOnTheLeaderAndTheNumbersThatNameThem() {
    String leader = cluster.awaitLeader();
    for (String name : cluster.names()) {
      RaftMember member = cluster.member(name);
      assertThat(member.replica().leadership().leader()).isEqualTo(leader);
      assertThat(member.replica().voters()).isEqualTo(cluster.names());
      assertThat(member.clusterId()).isNotZero().isEqualTo(cluster.member(leader).clusterId());
      assertThat(member.memberId(leader))
          .isNotZero()
          .isEqualTo(cluster.member(leader).memberId(leader));
    }
  }

  @Test
  void commandsOfManyThreadsAreAppliedOnceAndAnswered() throws Exception {
    String leader = cluster.awaitLeader();
    Replica replica = cluster.replica(leader);
    long term = replica.leadership().term();
    int threads = 4;
    int each = 250;
    long first = 1_000_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<List<CompletableFuture<ProposalResult>>>> proposals = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      long base = first + (long) t * each;
      proposals.add(
          pool.submit(
              () -> {
                List<CompletableFuture<ProposalResult>> results = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                  CompletableFuture<ProposalResult> result = new CompletableFuture<>();
                  replica.propose(new Command.Grant(base + i, 60_000), term, result::complete);
                  results.add(result);
                }
                return results;
              }));
    }
    for (int t = 0; t < threads; t++) {
      List<CompletableFuture<ProposalResult>> results = proposals.get(t).get(10, TimeUnit.SECONDS);
      long lastIndex = 0;
      for (int i = 0; i < each; i++) {
        ProposalResult result = LocalCluster.await(results.get(i));
        assertThat(result).isInstanceOf(ProposalResult.Applied.class);
        ProposalResult.Applied applied = (ProposalResult.Applied) result;
        assertThat(applied.outcome())
            .isEqualTo(new Outcome.Granted(first + (long) t * each + i, 60_000));
        assertThat(applied.index()).isGreaterThanOrEqualTo(lastIndex);
        lastIndex = applied.index();
      }
    }
    pool.shutdown();
    cluster.awaitSameState();
  }

  @Test
  void aCommandForAnotherTermIsRefused() {
    String leader = cluster.awaitLeader();
    Replica replica = cluster.replica(leader);
    CompletableFuture<ProposalResult> result = new CompletableFuture<>();
    replica.propose(
        new Command.Grant(77, 60_000), replica.leadership().term() + 1, result::complete);
    assertThat(LocalCluster.await(result))
        .isEqualTo(new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER));
    assertThat(replica.leases().get(77)).isNull();
  }

  @Test
  void aFollowerAppendsNothing() {
    Replica follower = cluster.replica(cluster.follower());
    CompletableFuture<ProposalResult> result = new CompletableFuture<>();
    follower.propose(new Command.Grant(78, 60_000), follower.leadership().term(), result::complete);
    assertThat(LocalCluster.await(result))
        .isEqualTo(new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER));
  }

  @Test
  void afterAReadBarrierAFollowerHasWhatWasAcknowledgedBefore() {
    Replica follower = cluster.replica(cluster.follower());
    for (long id = 2_000; id < 2_020; id++) {
      cluster.grant(id);
      awaitReadBarrier(follower);
      assertThat(follower.leases().get(id)).isNotNull();
      cluster.apply(new Command.Revoke(LeaseIds.of(id), RevokeCause.REQUESTED, 0));
      awaitReadBarrier(follower);
      assertThat(follower.leases().get(id)).isNull();
    }
  }

  /** A barrier may fail while the leadership is in motion; then it is asked for again. */
  private static void awaitReadBarrier(Replica replica) {
    Await.until(
        "a read barrier",
        Duration.ofSeconds(20),
        () -> LocalCluster.await(LocalCluster.readBarrier(replica)));
  }

  @Test
  void onlyTheLeaderOfATermIsCertainOfIt() {
    String leader = cluster.awaitLeader();
    Replica leading = cluster.replica(leader);
    long term = leading.leadership().term();
    Await.until("the lease", Duration.ofSeconds(5), () -> leading.isCertainlyLeader(term));
    assertThat(LocalCluster.await(LocalCluster.leaderBarrier(leading, term))).isTrue();
    assertThat(leading.isCertainlyLeader(term - 1)).isFalse();
    assertThat(LocalCluster.await(LocalCluster.leaderBarrier(leading, term - 1))).isFalse();
    for (String name : cluster.names()) {
      if (!name.equals(leader)) {
        assertThat(cluster.replica(name).isCertainlyLeader(term)).isFalse();
        assertThat(LocalCluster.await(LocalCluster.leaderBarrier(cluster.replica(name), term)))
            .isFalse();
      }
    }
  }

  @Test
  void waitingForAnIndexEndsWhenItIsApplied() {
    String leader = cluster.awaitLeader();
    ProposalResult result =
        LocalCluster.await(cluster.propose(leader, new Command.Grant(79, 60_000)));
    long index = ((ProposalResult.Applied) result).index();
    Replica follower = cluster.replica(cluster.follower());
    CompletableFuture<Boolean> applied = new CompletableFuture<>();
    follower.whenApplied(index, () -> applied.complete(follower.leases().get(79) != null));
    assertThat(LocalCluster.await(applied)).isTrue();
  }

  @Test
  void alarmsAreSeenOnEveryMember() {
    for (boolean isRaised : new boolean[] {true, false}) {
      Outcome outcome = cluster.apply(new Command.SetAlarm(-7, Alarm.CORRUPT, isRaised));
      assertThat(outcome).isEqualTo(new Outcome.AlarmSet(true));
      List<AlarmRecord> alarms = isRaised ? List.of(new AlarmRecord(-7, Alarm.CORRUPT)) : List.of();
      for (String name : cluster.names()) {
        Await.until(
            "alarms of " + name,
            Duration.ofSeconds(10),
            () -> cluster.replica(name).alarms().equals(alarms));
      }
    }
  }

  @Test
  void leadershipIsTransferredToTheMemberThatIsNamed() {
    String target = cluster.follower();
    String former = cluster.awaitLeader();
    assertThat(cluster.replica(target).transferLeadership(former)).isFalse();
    assertThat(cluster.replica(former).transferLeadership(former)).isFalse();
    assertThat(cluster.replica(former).transferLeadership(target)).isTrue();
    assertThat(cluster.awaitLeaderOtherThan(former)).isEqualTo(target);
  }

  @Test
  void leadershipIsTransferredAndTheFormerLeaderIsCertainNoMore() {
    String former = cluster.awaitLeader();
    Replica replica = cluster.replica(former);
    long term = replica.leadership().term();
    replica.transferLeadership();
    assertThat(replica.isCertainlyLeader(term)).isFalse();
    String next = cluster.awaitLeaderOtherThan(former);
    assertThat(cluster.replica(next).leadership().term()).isGreaterThan(term);
    assertThat(LocalCluster.await(LocalCluster.leaderBarrier(replica, term))).isFalse();
    assertThat(cluster.grant(4_000)).isEqualTo(new Outcome.Granted(4_000, 600_000));
  }
}
