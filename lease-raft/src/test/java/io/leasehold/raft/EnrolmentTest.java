package io.leasehold.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.command.Outcome;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.raft.RaftMemberConfig.ClusterState;
import io.leasehold.raft.cluster.Await;
import io.leasehold.raft.cluster.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may be a member, and what becomes of one that lost its data. */
@Timeout(90)
class EnrolmentTest {
  @TempDir Path root;

  @Test
  void allMembersAreOnRecordSoonAfterTheStart() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      for (String name : cluster.names()) {
        cluster.awaitMembersOnRecord(name);
        assertThat(cluster.replica(name).members().get(0).clientUrls())
            .containsExactly("http://127.0.0.1:1/n1");
      }
    }
  }

  @Test
  void aLateMemberOfANewClusterJoinsOnceTheOthersHaveFoundedIt() {
    try (LocalCluster cluster = new LocalCluster(root, 3, 100_000)) {
      CompletableFuture<Void> first = cluster.startInBackground("n1", ClusterState.NEW, false);
      CompletableFuture<Void> second = cluster.startInBackground("n2", ClusterState.NEW, false);
      LocalCluster.await(first);
      LocalCluster.await(second);
      cluster.grant(1);
      cluster.start("n3");
      cluster.awaitSameState();
      assertThat(cluster.replica("n3").leases().get(1)).isNotNull();
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void oneMemberAloneDoesNotFoundAClusterOfThree() {
    try (LocalCluster cluster = new LocalCluster(root, 3, 100_000)) {
      CompletableFuture<Void> first = cluster.startInBackground("n1", ClusterState.NEW, false);
      assertThatThrownBy(() -> first.get(1, java.util.concurrent.TimeUnit.SECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      CompletableFuture<Void> second = cluster.startInBackground("n2", ClusterState.NEW, false);
      LocalCluster.await(first);
      LocalCluster.await(second);
      cluster.awaitLeader();
    }
  }

  @Test
  void aWipedMemberIsRefusedInOneLineAndComesBackWhenReplaced() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 20)) {
      cluster.names().forEach(name -> cluster.awaitMembersOnRecord(name));
      cluster.grantEach(1, 60);
      String wiped = cluster.follower();
      cluster.stop(wiped);
      cluster.wipe(wiped);

      assertThatThrownBy(() -> cluster.start(wiped))
          .hasMessageContaining("member " + wiped)
          .hasMessageContaining("may not vote again")
          .hasMessageContaining("--replace-member")
          .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
      assertThatThrownBy(
              () ->
                  LocalCluster.await(
                      cluster.startInBackground(wiped, ClusterState.EXISTING, false)))
          .hasMessageContaining("may not vote again");

      LocalCluster.await(cluster.startInBackground(wiped, ClusterState.NEW, true));
      awaitVoters(cluster, cluster.names());
      cluster.awaitSameState();
      assertThat(cluster.replica(wiped).leases().size()).isEqualTo(60);
      assertThat(cluster.fatalLines()).isEmpty();

      // It counts again: with one of the others gone there is a majority only with it.
      String other =
          cluster.names().stream()
              .filter(name -> !name.equals(wiped) && !name.equals(cluster.awaitLeader()))
              .findFirst()
              .orElseThrow();
      cluster.stop(other);
      assertThat(cluster.grant(100)).isEqualTo(new Outcome.Granted(100, 600_000));

      // And it restarts like any member.
      cluster.start(other);
      cluster.stop(wiped);
      cluster.start(wiped);
      cluster.awaitSameState();
    }
  }

  @Test
  void aWipedMemberDoesNotHelpToElectALeader() throws Exception {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      cluster.names().forEach(name -> cluster.awaitMembersOnRecord(name));
      String leader = cluster.awaitLeader();
      List<String> others = cluster.names().stream().filter(name -> !name.equals(leader)).toList();
      String stale = others.get(0);
      String wiped = others.get(1);
      cluster.stop(stale);
      cluster.grant(1); // acknowledged by the leader and the member that will be wiped
      cluster.stop(wiped);
      cluster.stop(leader);
      cluster.wipe(wiped);
      cluster.start(stale);
      CompletableFuture<Void> start = cluster.startInBackground(wiped, ClusterState.NEW, false);
      Replica survivor = cluster.replica(stale);
      // Several election timeouts: the stale member alone must not win, or the lease is lost.
      CompletableFuture<Void> led = new CompletableFuture<>();
      survivor.onLeadershipChange(
          leadership -> {
            if (leadership.isLeader()) {
              led.complete(null);
            }
          });
      assertThatThrownBy(() -> led.get(3, java.util.concurrent.TimeUnit.SECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      cluster.start(leader);
      Await.until(
          "the lease on the stale member",
          LocalCluster.PATIENCE,
          () -> survivor.leases().get(1) != null);
      assertThatThrownBy(() -> LocalCluster.await(start))
          .hasMessageContaining("may not vote again");
    }
  }

  @Test
  void aReplaceOfAMemberThatHasItsDataIsAnOrdinaryStart() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      cluster.names().forEach(name -> cluster.awaitMembersOnRecord(name));
      String follower = cluster.follower();
      MemberRecord before = record(cluster.replica(follower), follower);
      cluster.stop(follower, Duration.ofSeconds(1));
      LocalCluster.await(cluster.startInBackground(follower, ClusterState.NEW, true));
      cluster.awaitSameState();
      assertThat(record(cluster.replica(follower), follower)).isEqualTo(before);
    }
  }

  private static void awaitVoters(LocalCluster cluster, List<String> names) {
    Await.until(
        "voters " + names,
        LocalCluster.PATIENCE,
        () ->
            cluster.runningNames().stream()
                .allMatch(name -> cluster.replica(name).voters().equals(names)));
  }

  private static MemberRecord record(Replica replica, String name) {
    return replica.members().stream()
        .filter(member -> member.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
