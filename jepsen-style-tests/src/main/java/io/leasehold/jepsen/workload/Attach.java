package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Leases with few or many keys, which move to other leases or away from all; then the leases end by
 * themselves or are revoked. What was attached goes at once, and nothing else.
 */
final class Attach implements Workload {
  private static final int OWNERS = 4;
  private static final int LEASES_PER_OWNER = 4;
  private static final int KEYS_MAX = 200;
  private static final int KEYS_OF_A_TRANSACTION = 50;

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < OWNERS; i++) {
      stage.play("owner-" + i, i, new Owner());
    }
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 8.0, "leases", 0.3);
  }

  /** Moves the keys of its own leases. */
  private static final class Owner implements Stage.Turn {
    private final List<Held> held = new ArrayList<>();

    private record Held(long leaseId, int keys) {}

    @Override
    public void take(Player player) throws InterruptedException {
      if (held.size() < LEASES_PER_OWNER) {
        take(player, player.chance(0.8) ? player.between(1, 10) : player.between(11, KEYS_MAX));
      } else {
        int place = player.random().nextInt(held.size());
        Held lease = held.get(place);
        double kind = player.random().nextDouble();
        if (kind < 0.6) {
          move(player, lease);
        } else if (kind < 0.8) {
          player.call(new Request.TimeToLive(lease.leaseId(), true));
        } else {
          held.remove(place);
          // The others are left to end by themselves.
          if (player.chance(0.4)) {
            player.call(new Request.Revoke(lease.leaseId()));
          }
        }
      }
      player.restAbout(80);
    }

    private void take(Player player, int keys) {
      Long lease = player.grant(player.between(5, 12));
      if (lease == null) {
        return;
      }
      for (int first = 0; first < keys; first += KEYS_OF_A_TRANSACTION) {
        List<Request.OnKeys> puts = new ArrayList<>();
        for (int i = first; i < Math.min(keys, first + KEYS_OF_A_TRANSACTION); i++) {
          puts.add(new Request.Put(key(lease, i), player.stage().value(), lease, false));
        }
        player.call(new Request.Txn(List.of(), puts, List.of()));
      }
      held.add(new Held(lease, keys));
    }

    private void move(Player player, Held from) {
      String key = key(from.leaseId(), player.random().nextInt(from.keys()));
      double kind = player.random().nextDouble();
      if (kind < 0.5) {
        player.put(key, held.get(player.random().nextInt(held.size())).leaseId());
      } else if (kind < 0.75) {
        player.put(key, 0);
      } else if (kind < 0.9) {
        player.call(new Request.Delete(KeyRange.one(key), true));
      } else {
        player.call(Request.Range.of(KeyRange.prefix("attach/" + from.leaseId() + "/")));
      }
    }

    private static String key(long lease, int number) {
      return "attach/" + lease + "/" + number;
    }
  }
}
