package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.LeaseKeeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;

/**
 * Again and again thousands of leases that are due within one second: they are granted one after
 * the other, and renewed together for the last time. Beside them a few are renewed all the time.
 */
final class ExpiryStorm implements Workload {
  private static final int STORMS = 8;
  private static final int STEADY = 40;
  private static final int STEADY_TTL_SECONDS = 6;

  /** Of a lease's life, so that those granted first are renewed before they end. */
  private static final int SECONDS_LEFT = 4;

  /** Who is refused at once would ask again thousands of times a second. */
  private static final int REFUSED_REST_MILLIS = 50;

  private final int leasesOfAPlayer;
  private final int ttlSeconds;

  /** At which players wait for each other before they renew for the last time. */
  private final CyclicBarrier allGranted = new CyclicBarrier(STORMS);

  ExpiryStorm() {
    this(400, 12);
  }

  private ExpiryStorm(int leasesOfAPlayer, int ttlSeconds) {
    this.leasesOfAPlayer = leasesOfAPlayer;
    this.ttlSeconds = ttlSeconds;
  }

  /** Returns one of 20 000 leases, for runs of two minutes and more. */
  static ExpiryStorm large() {
    return new ExpiryStorm(20_000 / STORMS, 50);
  }

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < STORMS; i++) {
      LeaseKeeper keeper = stage.keeper(i);
      stage.play("storm-" + i, i, player -> storm(player, keeper));
    }
    LeaseKeeper keeper = stage.keeper(0);
    Set<Long> steady = ConcurrentHashMap.newKeySet();
    stage.play("steady", 0, player -> keepSteady(player, keeper, steady));
  }

  private void storm(Player player, LeaseKeeper keeper) throws InterruptedException {
    List<Long> leases = new ArrayList<>();
    long startNanos = player.stage().clock().nowNanos();
    long grantNanosMax = Duration.ofSeconds(ttlSeconds - SECONDS_LEFT).toNanos();
    while (leases.size() < leasesOfAPlayer
        && player.stage().clock().nowNanos() - startNanos < grantNanosMax) {
      Long lease = player.grant(ttlSeconds);
      if (lease != null) {
        player.put("storm/" + lease, lease);
        leases.add(lease);
      }
      player.rest(lease == null ? REFUSED_REST_MILLIS : 0);
    }
    try {
      allGranted.await();
    } catch (BrokenBarrierException e) {
      // The stage was ended while another player waited.
      throw new InterruptedException();
    }
    // Once, and never again within a storm.
    leases.forEach(lease -> keeper.keep(lease, ttlSeconds, Duration.ofHours(1), Duration.ZERO));
    player.rest(ttlSeconds * 1000L + 1000);
    leases.forEach(keeper::forget);
  }

  private static void keepSteady(Player player, LeaseKeeper keeper, Set<Long> steady)
      throws InterruptedException {
    if (steady.size() < STEADY) {
      Long lease = player.grant(STEADY_TTL_SECONDS);
      if (lease != null) {
        Duration interval = Duration.ofMillis(STEADY_TTL_SECONDS * 300L);
        keeper.keep(lease, STEADY_TTL_SECONDS, interval, interval);
        player.put("steady/" + lease, lease);
        steady.add(lease);
      }
    }
    player.rest(100);
  }

  @Override
  public Duration longestTtl() {
    return Duration.ofSeconds(ttlSeconds);
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 40.0, "leases", 15.0, "renewals acknowledged", 15.0);
  }
}
