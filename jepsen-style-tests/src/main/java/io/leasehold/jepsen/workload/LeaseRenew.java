package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.LeaseKeeper;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Many leases of few seconds, most of which are renewed as clients should, some too seldom, some
 * never; after a while their clients forget or revoke them. Each has a key, whose deletion tells
 * when it ended.
 */
final class LeaseRenew implements Workload {
  static final int TENANTS = 6;
  private static final int LEASES_PER_TENANT = 40;
  private static final long REST_MILLIS = 50;

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < TENANTS; i++) {
      stage.play("tenant-" + i, i, new Tenant(stage.keeper(i)));
    }
    stage.play(
        "lister",
        0,
        player -> {
          player.call(stage.listOfLeases());
          player.rest(1000);
        });
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 30.0, "leases", 2.0, "renewals acknowledged", 15.0);
  }

  /** Has some leases at a time. */
  static final class Tenant implements Stage.Turn {
    private final LeaseKeeper keeper;
    private final List<Held> held = new ArrayList<>();

    private record Held(long leaseId, long untilNanos) {}

    Tenant(LeaseKeeper keeper) {
      this.keeper = keeper;
    }

    @Override
    public void take(Player player) throws InterruptedException {
      long nowNanos = player.stage().clock().nowNanos();
      for (Iterator<Held> each = held.iterator(); each.hasNext(); ) {
        Held lease = each.next();
        if (lease.untilNanos() < nowNanos) {
          each.remove();
          giveUp(player, lease.leaseId());
        }
      }
      if (held.size() < LEASES_PER_TENANT) {
        take(player, nowNanos);
      }
      if (!held.isEmpty() && player.chance(0.3)) {
        Held any = held.get(player.random().nextInt(held.size()));
        player.call(new Request.TimeToLive(any.leaseId(), player.chance(0.5)));
      }
      player.restAbout(REST_MILLIS);
    }

    private void take(Player player, long nowNanos) {
      int ttlSeconds = player.chance(0.7) ? player.between(5, 10) : player.between(2, 4);
      Long lease = player.grant(ttlSeconds);
      if (lease == null) {
        return;
      }
      double manner = player.random().nextDouble();
      if (manner < 0.65) {
        keep(
            lease,
            ttlSeconds,
            ttlSeconds / 3.0 * (0.7 + 0.3 * player.random().nextDouble()),
            player.random());
      } else if (manner < 0.8) {
        // So seldom that one failure is enough to lose it.
        keep(lease, ttlSeconds, ttlSeconds / 1.2, player.random());
      }
      player.put("lease/" + lease, lease);
      held.add(
          new Held(lease, nowNanos + Duration.ofMillis(player.between(3000, 25_000)).toNanos()));
    }

    private void keep(long lease, long ttlSeconds, double intervalSeconds, Random random) {
      long millis = (long) (intervalSeconds * 1000);
      keeper.keep(
          lease,
          ttlSeconds,
          Duration.ofMillis(millis),
          Duration.ofMillis((long) (millis * random.nextDouble())));
    }

    private void giveUp(Player player, long lease) {
      keeper.forget(lease);
      if (player.chance(0.3)) {
        player.call(new Request.Revoke(lease));
      }
    }
  }
}
