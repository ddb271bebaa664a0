package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.KeyValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people use leases for, from beginning to end. */
final class WalkThroughIT extends OnEachServer {
  private static final Duration TTL = Duration.ofSeconds(3);

  /** How much later than its TTL the end of a lease may be felt. */
  private static final Duration LATE_MAX = Duration.ofSeconds(1);

  private static final Duration SETTLED_MAX = Duration.ofSeconds(10);

  @BeforeEach
  void etcdctlIsThere() {
    Etcdctl.assumeInstalled();
  }

  @Test
  void killedServiceLeavesTheRegistryEverywhereInTimeAndAsOneEvent() {
    String prefix = "services/";
    List<Watching> discoverers = new ArrayList<>();
    List<Etcdctl.Running> services = new ArrayList<>();
    try {
      for (MemberProcess member : cluster.members()) {
        discoverers.add(Watching.prefix(member, prefix, 0));
      }
      for (MemberProcess member : cluster.members()) {
        long lease = Cluster.grant(member, TTL.toSeconds());
        Keys.put(member, prefix + member.name(), member.endpoint(), lease);
        Etcdctl.Running service =
            Etcdctl.start(home, member.endpoint(), "lease", "keep-alive", Long.toHexString(lease));
        services.add(service);
        service.awaitLines(1, SETTLED_MAX);
      }
      for (Watching discoverer : discoverers) {
        assertThat(discoverer.awaitEvents(3, SETTLED_MAX)).hasSize(3);
      }
      String killed = prefix + cluster.member(1).name();

      services.get(1).kill();
      long killedAtNanos = System.nanoTime();
      Duration max = TTL.plus(LATE_MAX);
      for (Watching discoverer : discoverers) {
        discoverer.awaitEvents(4, SETTLED_MAX);
      }

      long latestNanos = 0;
      for (Watching discoverer : discoverers) {
        long tookNanos =
            discoverer.batches().stream()
                    .filter(
                        told -> told.response().getEvents(0).getType() == Event.EventType.DELETE)
                    .findFirst()
                    .orElseThrow()
                    .atNanos()
                - killedAtNanos;
        latestNanos = Math.max(latestNanos, tookNanos);
      }
      for (MemberProcess member : cluster.members()) {
        assertThat(Keys.withPrefix(member, prefix))
            .extracting(kv -> kv.getKey().toStringUtf8())
            .doesNotContain(killed)
            .hasSize(2);
      }
      System.out.printf(
          "%s: a service with a TTL of %d s was gone %d ms after its death%n",
          server, TTL.toSeconds(), latestNanos / 1_000_000);
      assertThat(Duration.ofNanos(latestNanos)).isLessThan(max);

      // What comes after tells that nothing else came before.
      Keys.put(cluster.member(0), prefix + "after", "");
      for (Watching discoverer : discoverers) {
        List<Event> events = discoverer.awaitEvents(5, SETTLED_MAX);
        assertThat(events).hasSize(5);
        Event gone = events.get(3);
        assertThat(gone.getType()).isEqualTo(Event.EventType.DELETE);
        assertThat(gone.getKv().getKey().toStringUtf8()).isEqualTo(killed);
        assertThat(gone.getPrevKv().getValue().toStringUtf8())
            .isEqualTo(cluster.member(1).endpoint());
        assertThat(events.get(4).getKv().getKey().toStringUtf8()).isEqualTo(prefix + "after");
        assertThat(discoverer.batches()).hasSize(5);
      }
      assertThat(services.get(0).isRunning()).isTrue();
      assertThat(services.get(2).isRunning()).isTrue();
    } finally {
      services.forEach(Etcdctl.Running::close);
      discoverers.forEach(Watching::close);
    }
  }

  @Test
  void lockOfKilledHolderGoesToTheNextInTimeWithLargerFencingToken() {
    String name = "walk-through-lock";
    String ttl = "--ttl=" + TTL.toSeconds();
    try (Etcdctl.Running holder =
        Etcdctl.start(home, cluster.member(0).endpoint(), "lock", ttl, name)) {
      String held = holder.awaitLines(1, SETTLED_MAX).get(0);
      KeyValue first = Keys.get(cluster.member(2), held);
      try (Etcdctl.Running waiter =
          Etcdctl.start(home, cluster.member(1).endpoint(), "lock", ttl, name)) {
        Conditions.await(
            "the second process queues up",
            SETTLED_MAX,
            () -> Keys.withPrefix(cluster.member(2), name + "/").size() == 2);
        assertThat(waiter.output()).isEmpty();

        long killedAtNanos = System.nanoTime();
        holder.kill();
        String next = waiter.awaitLines(1, SETTLED_MAX).get(0);
        Duration took = Duration.ofNanos(System.nanoTime() - killedAtNanos);

        KeyValue second = Keys.get(cluster.member(2), next);
        System.out.printf(
            "%s: the lock of a holder with a TTL of %d s passed on %d ms after its death,"
                + " fencing token %d after %d%n",
            server,
            TTL.toSeconds(),
            took.toMillis(),
            second.getCreateRevision(),
            first.getCreateRevision());
        assertThat(took).isLessThan(TTL.plus(LATE_MAX));
        assertThat(second.getCreateRevision()).isGreaterThan(first.getCreateRevision());
        assertThat(Keys.get(cluster.member(2), held)).isNull();
      }
    }
  }
}
