package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Leases with no, few or many keys, which move to other leases or away from all; then the leases
 * end by themselves or are revoked. What was attached goes at once, and nothing else; names that
 * became free may be taken anew.
 */
final class Attach implements Workload {
  private static final int OWNERS = 4;
  private static final int LEASES_PER_OWNER = 4;
  private static final int KEYS_MAX = 200;
  private static final int KEYS_OF_A_TRANSACTION = 50;

  /** So many that Leasehold deletes them in the background, and hides them until then. */
  private static final int HOARD_KEYS_MIN = 500;

  private static final int HOARD_KEYS_MAX = 900;

  /** What is deleted in the background is deleted by then. */
  private static final long SETTLED_MILLIS = 100;

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < OWNERS; i++) {
      stage.play("owner-" + i, i, new Owner());
    }
    stage.play("hoarder", OWNERS, Attach::hoard);
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 8.0, "leases", 0.3);
  }

  private static void hoard(Player player) throws InterruptedException {
    Long lease = player.grant(player.between(5, 12));
    if (lease != null) {
      int keys = player.between(HOARD_KEYS_MIN, HOARD_KEYS_MAX);
      attach(player, lease, keys);
      if (player.chance(0.8)) {
        player.call(new Request.Revoke(lease));
        lookAtOnce(player, lease, key(lease, keys - 1));
      }
    }
    player.restAbout(300);
  }

  /** Looks whether all is gone, or takes the name that is swept last while that is new. */
  private static void lookAtOnce(Player player, long lease, String last)
      throws InterruptedException {
    if (player.chance(0.5)) {
      player.call(Request.Range.of(KeyRange.prefix(prefix(lease))));
    } else {
      player.put(last, 0);
      player.rest(SETTLED_MILLIS);
      player.call(Request.Range.of(last));
    }
  }

  private static void attach(Player player, long lease, int keys) {
    for (int first = 0; first < keys; first += KEYS_OF_A_TRANSACTION) {
      List<Request.OnKeys> puts = new ArrayList<>();
      for (int i = first; i < Math.min(keys, first + KEYS_OF_A_TRANSACTION); i++) {
        puts.add(new Request.Put(key(lease, i), player.stage().value(), lease, false));
      }
      player.call(new Request.Txn(List.of(), puts, List.of()));
    }
  }

  /** Names of one lease are in the order of their numbers. */
  private static String key(long lease, int number) {
    return prefix(lease) + String.format(Locale.ROOT, "%03d", number);
  }

  private static String prefix(long lease) {
    return "attach/" + lease + "/";
  }

  /** Moves the keys of its own leases. */
  private static final class Owner implements Stage.Turn {
    private final List<Held> held = new ArrayList<>();

    private record Held(long leaseId, int keys) {}

    @Override
    public void take(Player player) throws InterruptedException {
      if (held.size() < LEASES_PER_OWNER) {
        take(player, keys(player));
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

    private static int keys(Player player) {
      double kind = player.random().nextDouble();
      if (kind < 0.25) {
        return 0; // until some move over from others
      }
      return kind < 0.85 ? player.between(1, 10) : player.between(11, KEYS_MAX);
    }

    private void take(Player player, int keys) {
      Long lease = player.grant(player.between(5, 12));
      if (lease != null) {
        attach(player, lease, keys);
        held.add(new Held(lease, keys));
      }
    }

    private void move(Player player, Held from) {
      if (from.keys() == 0) {
        return;
      }
      String key = key(from.leaseId(), player.random().nextInt(from.keys()));
      double kind = player.random().nextDouble();
      if (kind < 0.5) {
        player.put(key, held.get(player.random().nextInt(held.size())).leaseId());
      } else if (kind < 0.75) {
        player.put(key, 0);
      } else if (kind < 0.9) {
        player.call(new Request.Delete(KeyRange.one(key), true));
      } else {
        player.call(Request.Range.of(KeyRange.prefix(prefix(from.leaseId()))));
      }
    }
  }
}
