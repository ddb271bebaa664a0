package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.LeaseKeeper;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.Map;

/**
 * Something of everything, for clusters of which all members restart: keys without and with leases,
 * renewed and unrenewed ones, reads at once afterwards.
 */
final class RestartAll implements Workload {
  private static final int PLAYERS = 4;
  private static final int KEYS = 300;

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < PLAYERS; i++) {
      LeaseKeeper keeper = stage.keeper(i);
      stage.play("resident-" + i, i, player -> turn(player, keeper));
    }
  }

  private static void turn(Player player, LeaseKeeper keeper) throws InterruptedException {
    String key = "plain/" + player.random().nextInt(KEYS);
    double kind = player.random().nextDouble();
    if (kind < 0.4) {
      player.put(key, 0);
    } else if (kind < 0.7) {
      player.call(Request.Range.of(key));
    } else if (kind < 0.75) {
      player.call(new Request.Delete(KeyRange.one(key), true));
    } else if (kind < 0.9) {
      int ttlSeconds = player.between(5, 12);
      Long lease = player.grant(ttlSeconds);
      if (lease != null) {
        if (player.chance(0.5)) {
          Duration interval = Duration.ofMillis(ttlSeconds * 300L);
          keeper.keep(lease, ttlSeconds, interval, interval);
        }
        player.put("leased/" + lease, lease);
      }
    } else {
      player.call(player.stage().listOfLeases());
    }
    player.restAbout(60);
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 10.0, "leases", 1.0);
  }
}
