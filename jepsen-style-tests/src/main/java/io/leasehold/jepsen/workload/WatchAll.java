package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.WatchPlan;
import io.leasehold.jepsen.client.WatchStream;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Watches of all kinds on every member, cancelled and begun again at revisions before and after the
 * newest, while keys are written one by one, by transactions, and through the ends of leases.
 */
final class WatchAll implements Workload {
  private static final int WRITERS = 4;
  private static final int WATCHERS_PER_MEMBER = 3;
  private static final int KEYS = 12;
  private static final int REVISIONS_AROUND = 100;

  @Override
  public void begin(Stage stage) {
    AtomicLong head = new AtomicLong(1);
    stage.playSeveral(WRITERS, "writer", player -> write(player, head));
    for (int i = 0; i < WATCHERS_PER_MEMBER; i++) {
      for (String member : stage.members()) {
        stage.play("watcher-" + i + "-" + member, 0, player -> watch(player, member, head));
      }
    }
  }

  private static void write(Player player, AtomicLong head) throws InterruptedException {
    double kind = player.random().nextDouble();
    Op op;
    if (kind < 0.6) {
      op = player.put(key(player), 0);
    } else if (kind < 0.75) {
      op = player.call(new Request.Delete(KeyRange.one(key(player)), false));
    } else if (kind < 0.9) {
      int first = player.random().nextInt(KEYS - 3);
      op =
          player.call(
              new Request.Txn(
                  List.of(),
                  List.of(
                      new Request.Put(key(first), player.stage().value(), 0, false),
                      new Request.Put(key(first + 1), player.stage().value(), 0, false),
                      new Request.Put(key(first + 2), player.stage().value(), 0, false)),
                  List.of()));
    } else {
      Long lease = player.grant(2);
      op = player.put(key(player), lease == null ? 0 : lease);
    }
    head.accumulateAndGet(op.revision(), Math::max);
    player.restAbout(60);
  }

  private static String key(Player player) {
    return key(player.random().nextInt(KEYS));
  }

  private static String key(int number) {
    return "watch/" + (char) ('a' + number);
  }

  private static void watch(Player player, String member, AtomicLong head)
      throws InterruptedException {
    WatchPlan plan = plan(player, head.get());
    for (int lives = player.between(1, 4); lives > 0; lives--) {
      WatchStream watch = player.stage().watch(member, plan);
      try {
        player.restAbout(1500);
        if (player.chance(0.5)) {
          watch.askProgress();
          player.rest(300);
        }
      } finally {
        watch.close();
      }
      if (watch.nextRevision() > 0) {
        plan = plan.from(watch.nextRevision());
      }
    }
  }

  private static WatchPlan plan(Player player, long head) {
    KeyRange range =
        player.chance(0.5)
            ? KeyRange.prefix("watch/")
            : player.chance(0.5) ? KeyRange.one(key(player)) : new KeyRange(key(2), key(7));
    long start =
        player.chance(0.3)
            ? 0
            : Math.max(1, head + player.between(-REVISIONS_AROUND, REVISIONS_AROUND));
    double filter = player.random().nextDouble();
    return new WatchPlan(range, start, player.chance(0.5), filter < 0.15, filter > 0.85, false);
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 15.0, "watch events", 30.0);
  }
}
