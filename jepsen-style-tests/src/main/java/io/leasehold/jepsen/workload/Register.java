package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Keys that are written, read, deleted, and set if they hold what a client saw. */
final class Register implements Workload {
  private static final int PLAYERS = 5;
  private static final int KEYS_AT_A_TIME = 3;

  /** A search of an order looks at each key by itself, and must end. */
  private static final int CALLS_OF_A_GENERATION = 450;

  @Override
  public void begin(Stage stage) {
    AtomicLong calls = new AtomicLong();
    for (int i = 0; i < PLAYERS; i++) {
      stage.play("register-" + i, i, new Writer(calls));
    }
    stage.playOnEach("register", new Writer(calls));
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 40.0);
  }

  /** Remembers what it saw last. */
  private static final class Writer implements Stage.Turn {
    private final AtomicLong calls;
    private final Map<String, String> seen = new HashMap<>();

    Writer(AtomicLong calls) {
      this.calls = calls;
    }

    @Override
    public void take(Player player) throws InterruptedException {
      long generation = calls.getAndIncrement() / CALLS_OF_A_GENERATION;
      String key = "register/" + generation + "/" + player.random().nextInt(KEYS_AT_A_TIME);
      Op op = player.call(request(player, key));
      if (op.result() == Result.INFO) {
        // It may still happen, and so overlaps all that follows on this key.
        calls.addAndGet(CALLS_OF_A_GENERATION);
      }
      note(key, op);
      player.restAbout(30);
    }

    private Request request(Player player, String key) {
      double kind = player.random().nextDouble();
      if (kind < 0.4) {
        return Request.Range.of(key);
      } else if (kind < 0.65) {
        return new Request.Put(key, player.stage().value(), 0, player.chance(0.3));
      } else if (kind < 0.7) {
        return new Request.Delete(KeyRange.one(key), false);
      }
      String expected = seen.get(key);
      Request.Guard guard =
          expected == null
              ? Request.Guard.created(key, Request.Relation.EQUAL, 0)
              : Request.Guard.value(key, Request.Relation.EQUAL, expected);
      return new Request.Txn(
          List.of(guard),
          List.of(new Request.Put(key, player.stage().value(), 0, false)),
          List.of(Request.Range.of(key)));
    }

    private void note(String key, Op op) {
      if (op.answer() instanceof Answer.Ranged ranged) {
        if (ranged.found().isEmpty()) {
          seen.remove(key);
        } else {
          seen.put(key, ranged.found().get(0).value());
        }
      } else if (op.isOk() && op.request() instanceof Request.Put put) {
        seen.put(key, put.value());
      }
    }
  }
}
