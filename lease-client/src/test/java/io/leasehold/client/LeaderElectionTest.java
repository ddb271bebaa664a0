package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.ElectionEvent.AtRisk;
import io.leasehold.client.ElectionEvent.Deposed;
import io.leasehold.client.ElectionEvent.Elected;
import io.leasehold.client.ElectionEvent.Recovered;
import io.leasehold.client.MadeUpCluster.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Candidates before a made-up cluster. */
@Timeout(60)
final class LeaderElectionTest {
  private static final Duration TTL = Duration.ofSeconds(6);

  private final MadeUpCluster cluster = new MadeUpCluster();
  private final List<ElectionEvent> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void end() {
    cluster.close();
  }

  private LeaderElection candidate(String value, ElectionListener listener) {
    return LeaderElection.start(cluster, "e", Bytes.of(value), TTL, listener);
  }

  private LeaderElection leader() {
    LeaderElection leader = candidate("me", heard::add);
    cluster.awaitThat("it leads", leader::isLeader);
    return leader;
  }

  private void awaitEvents(int count) {
    cluster.awaitThat("it is told", () -> heard.size() >= count);
  }

  @Test
  void aLeaderThatResignsStandsAgainAtTheEndOfTheLine() {
    LeaderElection first = leader();
    long token = first.fencingToken();
    LeaderElection second = candidate("other", event -> {});
    cluster.awaitThat("both stand", () -> cluster.line("e/").size() == 2);
    first.resign();
    cluster.awaitThat("the other leads", second::isLeader);
    assertThat(first.isLeader()).isFalse();
    assertThat(second.fencingToken()).isGreaterThan(token);
    assertThatThrownBy(first::fencingToken).isInstanceOf(IllegalStateException.class);
    cluster.awaitThat("the first stands again", () -> cluster.line("e/").size() == 2);
    second.close();
    cluster.awaitThat("the first leads again", first::isLeader);
    awaitEvents(3);
    assertThat(heard)
        .containsExactly(
            new Elected(token), new Deposed("resigned"), new Elected(first.fencingToken()));
    first.close();
    assertThat(cluster.line("e/")).isEmpty();
  }

  @Test
  void aLeaderWhoseLeaseEndsIsDeposedAndStandsAgain() {
    LeaderElection leader = leader();
    long token = leader.fencingToken();
    cluster.endLease(cluster.line("e/").get(0).leaseId());
    cluster.pass(TTL);
    awaitEvents(3);
    assertThat(heard.get(1)).isEqualTo(new Deposed("the lease was lost: REVOKED"));
    assertThat(leader.fencingToken()).isGreaterThan(token);
    leader.close();
  }

  @Test
  void aLeaderBeforeASilentClusterIsToldOfTheRiskAndOfItsEnd() {
    LeaderElection leader = leader();
    cluster.fallSilent();
    cluster.pass(Duration.ofMillis(4500));
    awaitEvents(2);
    assertThat(heard.get(1)).isInstanceOf(AtRisk.class);
    assertThat(leader.isLeader()).isTrue();
    cluster.speak();
    cluster.pass(Duration.ofSeconds(1));
    awaitEvents(3);
    assertThat(heard.get(2)).isEqualTo(new Recovered());
    cluster.fallSilent();
    cluster.pass(TTL);
    assertThat(leader.isLeader()).isFalse();
    awaitEvents(5);
    assertThat(heard.get(4)).isEqualTo(new Deposed("the lease was lost: UNREACHABLE"));
    cluster.speak();
    leader.close();
  }

  @Test
  void aLeaderThatResignsBeforeASilentClusterIsFreeWhenItsLeaseIsLost() {
    LeaderElection leader = leader();
    int grants = cluster.asked(Kind.GRANT);
    int commits = cluster.asked(Kind.COMMIT);
    cluster.fallSilent();
    leader.resign();
    cluster.awaitThat("it leaves", () -> cluster.asked(Kind.COMMIT) == commits + 1);
    cluster.pass(TTL);
    // The request that is not answered has four seconds yet.
    cluster.awaitThat("it stands again", () -> cluster.asked(Kind.GRANT) == grants + 1);
    cluster.speak();
    cluster.awaitThat("it leads again", leader::isLeader);
    leader.close();
  }

  @Test
  void aPausedLeaderKnowsAtOnce() {
    LeaderElection leader = leader();
    cluster.pause(TTL);
    assertThat(leader.isLeader()).isFalse();
    leader.close();
  }

  @Test
  void closingACandidateThatWaitsLeavesTheLine() {
    LeaderElection leader = leader();
    LeaderElection waiting = candidate("other", event -> {});
    Bytes key = cluster.line("e/").get(0).key();
    cluster.awaitThat("it waits", () -> cluster.isWatched(key));
    waiting.close();
    assertThat(cluster.line("e/")).hasSize(1);
    assertThat(leader.isLeader()).isTrue();
    leader.close();
  }

  @Test
  void closingALeaderTellsItThatItIsDeposed() {
    LeaderElection leader = leader();
    leader.close();
    leader.close();
    awaitEvents(2);
    assertThat(heard.get(1)).isEqualTo(new Deposed("closed"));
    assertThat(cluster.line("e/")).isEmpty();
  }

  @Test
  void aCandidacyWhoseAnswerWasLostStandsInNobodysWay() {
    cluster.loseAnswer(Kind.COMMIT);
    LeaderElection candidate = leader();
    assertThat(cluster.line("e/")).hasSize(1);
    assertThat(cluster.line("e/").get(0).createRevision()).isEqualTo(candidate.fencingToken());
    candidate.close();
    assertThat(cluster.line("e/")).isEmpty();
  }
}
