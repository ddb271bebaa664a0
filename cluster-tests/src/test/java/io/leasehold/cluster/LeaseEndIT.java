package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.mvccpb.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a lease with very many keys. */
@Tag("long")
@Timeout(180)
final class LeaseEndIT {
  private static final int KEYS = 20_000;
  private static final long TTL_SECONDS = 20;
  private static final Duration GONE_MAX = Duration.ofSeconds(60);
  private static final String PREFIX = "registry/";

  @TempDir Path home;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allKeysGoAtOneRevisionAndTheLeaderStays(boolean isRevoked) throws Exception {
    try (Cluster cluster = Cluster.start(home)) {
      MemberProcess member = cluster.follower();
      long term = member.status().getRaftTerm();
      AttachedKeys keys = new AttachedKeys(PREFIX, KEYS);
      long lease = Cluster.grant(member, TTL_SECONDS);
      keys.attach(member, lease);
      long revision = Keys.revision(member);
      try (Watching watching = Watching.prefix(member, PREFIX, revision + 1)) {
        if (isRevoked) {
          var unused =
              member.leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
        }
        List<Event> events = watching.awaitEvents(KEYS, GONE_MAX);

        assertThat(events)
            .hasSize(KEYS)
            .allSatisfy(
                event -> {
                  assertThat(event.getType()).isEqualTo(Event.EventType.DELETE);
                  assertThat(event.getKv().getModRevision()).isEqualTo(revision + 1);
                });
      }
      for (MemberProcess each : cluster.members()) {
        Conditions.await("the keys are gone", GONE_MAX, () -> keys.areGone(each));
        assertThat(keys.left(each)).isZero();
        assertThat(Keys.revision(each)).isEqualTo(revision + 1);
        assertThat(each.status().getRaftTerm()).isEqualTo(term);
      }
    }
  }
}
