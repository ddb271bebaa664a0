package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.LeaseKeeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A thousand leases of 5 to 10 s, all of which are renewed every third of their TTL, by clients
 * that ask another member when one does not answer: whatever befalls one member, none may be lost.
 */
final class LeaseSteady implements Workload {
  private static final int CLIENTS = 10;
  private static final int LEASES_PER_CLIENT = 100;
  private static final int TTL_SECONDS_MIN = 5;
  private static final int TTL_SECONDS_MAX = 10;
  private static final long REST_MILLIS = 20;
  private static final long LOOK_MILLIS = 500;

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < CLIENTS; i++) {
      stage.play("steady-" + i, i, new Holder(stage.keeper(i)));
    }
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 100.0, "leases", 20.0, "renewals acknowledged", 80.0);
  }

  /** Takes its leases, and has them until the stage ends. */
  private static final class Holder implements Stage.Turn {
    private final LeaseKeeper keeper;
    private final List<Long> held = new ArrayList<>();

    Holder(LeaseKeeper keeper) {
      this.keeper = keeper;
    }

    @Override
    public void take(Player player) throws InterruptedException {
      if (held.size() == LEASES_PER_CLIENT) {
        // A lease that is gone shows by its key, too, which everybody watches.
        player.rest(LOOK_MILLIS);
        return;
      }
      int ttlSeconds = player.between(TTL_SECONDS_MIN, TTL_SECONDS_MAX);
      Long lease = player.grant(ttlSeconds);
      if (lease != null) {
        held.add(lease);
        long intervalMillis = ttlSeconds * 1000L / 3;
        keeper.keep(
            lease,
            ttlSeconds,
            Duration.ofMillis(intervalMillis),
            Duration.ofMillis(player.random().nextLong(intervalMillis)));
        player.put("steady/" + lease, lease);
      }
      player.restAbout(REST_MILLIS);
    }
  }
}
