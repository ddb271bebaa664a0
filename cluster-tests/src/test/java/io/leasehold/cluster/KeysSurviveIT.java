package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.HashKVRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.KeyValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys, their history and their leases, after everything was killed or came as a snapshot. */
@Timeout(180)
final class KeysSurviveIT {
  private static final String SERVERS = "io.leasehold.cluster.Server#present";
  private static final Duration CAUGHT_UP_MAX = Duration.ofSeconds(60);
  private static final Duration EVENTS_MAX = Duration.ofSeconds(20);

  @TempDir Path home;

  @ParameterizedTest
  @MethodSource(SERVERS)
  void everythingIsThereAfterAllMembersWereKilled(Server server) {
    try (Cluster cluster = Cluster.start(server, home)) {
      Written written = write(cluster);
      List<Event> seen;
      try (Watching watching =
          Watching.prefix(cluster.member(0), "kept/", written.compacted() + 1)) {
        seen = watching.awaitEvents(written.eventsSinceCompaction(), EVENTS_MAX);
      }

      cluster.members().forEach(MemberProcess::kill);
      cluster.members().forEach(MemberProcess::start);
      cluster.awaitReady();

      for (MemberProcess member : cluster.members()) {
        written.mustBeOn(member, seen);
      }
      written.resumesOn(cluster, cluster.follower());
    }
  }

  @ParameterizedTest
  @MethodSource(SERVERS)
  void everythingIsOnMemberThatMissedTruncatedLog(Server server) {
    try (Cluster cluster = Cluster.start(server, home, "--snapshot-count", "100")) {
      MemberProcess behind = cluster.follower();
      behind.stop();
      MemberProcess writer = cluster.leader(behind);
      Written written = write(cluster);
      for (int i = 0; i < 500; i++) {
        Keys.put(writer, "filler/" + i % 10, "value " + i);
      }
      List<Event> seen;
      try (Watching watching = Watching.prefix(writer, "kept/", written.compacted() + 1)) {
        seen = watching.awaitEvents(written.eventsSinceCompaction(), EVENTS_MAX);
      }

      behind.start();
      cluster.awaitReady();

      long revision = Keys.revision(writer);
      Conditions.await(
          "the member that was down is up to date",
          CAUGHT_UP_MAX,
          () -> hash(behind, revision) == hash(writer, revision));
      written.mustBeOn(behind, seen);
      written.resumesOn(cluster, behind);
    }
  }

  /** What was written before the accident. */
  private record Written(
      long leaseId, long compacted, long newest, KeyValue changed, KeyValue leased) {

    int eventsSinceCompaction() {
      return 12;
    }

    /**
     * Checks everything on one member.
     *
     * @param seen what a watcher of everything since the compaction had been told before
     */
    void mustBeOn(MemberProcess member, List<Event> seen) {
      assertThat(Keys.get(member, "kept/changed")).isEqualTo(changed);
      assertThat(Keys.get(member, "kept/leased")).isEqualTo(leased);
      assertThat(Keys.get(member, "kept/deleted")).isNull();
      assertThat(Keys.get(member, "kept/deleted", newest - 1)).isNotNull();
      assertThat(Keys.get(member, "kept/changed", compacted + 1).getValue().toStringUtf8())
          .isEqualTo("value 0");
      assertThat(Keys.revision(member)).isGreaterThanOrEqualTo(newest);
      assertThat(
              member
                  .leases()
                  .leaseTimeToLive(
                      LeaseTimeToLiveRequest.newBuilder().setID(leaseId).setKeys(true).build())
                  .getKeysList()
                  .stream()
                  .map(ByteString::toStringUtf8)
                  .sorted())
          .containsExactly("kept/also leased", "kept/leased");
      try (Watching watching = Watching.prefix(member, "kept/", compacted + 1)) {
        assertThat(watching.awaitEvents(seen.size(), EVENTS_MAX)).isEqualTo(seen);
      }
      Watching tooOld = Watching.prefix(member, "kept/", compacted - 1);
      try (tooOld) {
        Conditions.await(
            "a watcher of compacted history is sent away",
            EVENTS_MAX,
            () ->
                tooOld.told().stream()
                    .anyMatch(
                        told ->
                            told.response().getCanceled()
                                && told.response().getCompactRevision() == compacted));
      }
    }

    /** Checks that a watcher resumes on the member, and that the lease still holds its keys. */
    void resumesOn(Cluster cluster, MemberProcess member) {
      try (Watching watching = Watching.prefix(member, "kept/", newest + 1)) {
        long revision = Keys.put(cluster.member(0), "kept/after", "");
        cluster
            .leader()
            .leases()
            .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(leaseId).build());

        List<Event> events = watching.awaitEvents(3, EVENTS_MAX);

        assertThat(events).hasSize(3);
        assertThat(events.get(0).getKv().getModRevision()).isEqualTo(revision);
        assertThat(events.subList(1, 3))
            .allSatisfy(
                event -> {
                  assertThat(event.getType()).isEqualTo(Event.EventType.DELETE);
                  assertThat(event.getKv().getModRevision()).isEqualTo(revision + 1);
                })
            .extracting(event -> event.getKv().getKey().toStringUtf8())
            .containsExactly("kept/also leased", "kept/leased");
      }
    }
  }

  private static Written write(Cluster cluster) {
    MemberProcess member = cluster.leader();
    Keys.put(member, "kept/changed", "before the compaction");
    long compacted = Keys.put(member, "kept/changed", "at the compaction");
    List<Long> revisions = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      revisions.add(Keys.put(member, "kept/changed", "value " + i));
    }
    long lease = Cluster.grant(member, 3600);
    Keys.put(member, "kept/leased", "by the lease", lease);
    Keys.put(member, "kept/also leased", "by the lease", lease);
    Keys.put(member, "kept/deleted", "");
    long newest = Keys.delete(member, "kept/deleted");
    var unused =
        Keys.of(member)
            .compact(
                CompactionRequest.newBuilder().setRevision(compacted).setPhysical(true).build());
    assertThat(revisions.get(0)).isEqualTo(compacted + 1);
    assertThat(newest).isEqualTo(compacted + 12);
    return new Written(
        lease,
        compacted,
        newest,
        Keys.get(member, "kept/changed"),
        Keys.get(member, "kept/leased"));
  }

  private static int hash(MemberProcess member, long revision) {
    return MaintenanceGrpc.newBlockingStub(member.channel())
        .withDeadlineAfter(5, TimeUnit.SECONDS)
        .hashKV(HashKVRequest.newBuilder().setRevision(revision).build())
        .getHash();
  }
}
