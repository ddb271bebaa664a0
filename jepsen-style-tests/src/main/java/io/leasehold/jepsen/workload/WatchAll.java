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
 * newest, while keys are written one by one, by transactions, and through the ends of leases. On
 * each member one is not read for so long that the member cannot keep all that it has to tell.
 */
final class WatchAll implements Workload {
  private static final int WRITERS = 4;
  private static final int WATCHERS_PER_MEMBER = 3;
  private static final int KEYS = 12;
  private static final int REVISIONS_AROUND = 100;

  /** Of the keys that are written one by one, and of those with large values. */
  private static final String ALL_KEYS = "w";

  /**
   * Written every 150 ms: in two seconds more than a quarter of a MiB, which is what Leasehold
   * keeps for a stream.
   */
  private static final int LARGE_CHARS_MAX = 40 << 10;

  private static final long UNREAD_MILLIS = 2400;
  private static final long READ_MILLIS = 800;

  /** So long that what was not told by then is late. */
  private static final long READ_LONG_MILLIS = 6500;

  @Override
  public void begin(Stage stage) {
    AtomicLong head = new AtomicLong(1);
    stage.playSeveral(WRITERS, "writer", player -> write(player, head));
    stage.play("large-writer", 0, player -> writeLarge(player, head));
    for (String member : stage.members()) {
      stage.play("sleeper-" + member, 0, player -> watchAsleep(player, member, head));
    }
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

  private static void writeLarge(Player player, AtomicLong head) throws InterruptedException {
    String value = player.stage().value() + "-".repeat(player.between(1, LARGE_CHARS_MAX));
    String key = "wide/" + player.random().nextInt(KEYS);
    Op op = player.call(new Request.Put(key, value, 0, false));
    head.accumulateAndGet(op.revision(), Math::max);
    player.restAbout(150);
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

  /** Reads nothing, then everything, and goes on with another watch where that ended. */
  private static void watchAsleep(Player player, String member, AtomicLong head)
      throws InterruptedException {
    WatchPlan plan = WatchPlan.of(KeyRange.prefix(ALL_KEYS), Math.max(1, head.get()));
    for (int lives = player.between(1, 4); lives > 0; lives--) {
      WatchStream watch = player.stage().watch(member, plan, WatchStream.Reading.WHEN_TOLD);
      try {
        player.restAbout(UNREAD_MILLIS);
        watch.read();
        if (player.chance(0.3)) {
          player.rest(READ_LONG_MILLIS);
        } else {
          player.restAbout(READ_MILLIS);
        }
      } finally {
        watch.close();
      }
      plan = plan.from(Math.max(plan.startRevision(), watch.nextRevision()));
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
