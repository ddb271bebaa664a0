package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** Clients of different members renew, revoke and attach keys to the same leases. */
final class LeaseRevokeRace implements Workload {
  private static final int SLOTS = 6;
  private static final int TTL_SECONDS = 4;
  private static final int KEYS = 3;
  private static final long REST_MILLIS = 25;
  private static final long LIST_MILLIS = 500;

  @Override
  public void begin(Stage stage) {
    AtomicLongArray leases = new AtomicLongArray(SLOTS);
    stage.playOnEach("racer", player -> race(player, leases));
    stage.playSeveral(3, "rover", player -> race(player, leases));
    stage.play(
        "lister",
        0,
        player -> {
          // Of leases that nobody asks about any more, lists alone tell.
          player.call(stage.listOfLeases());
          player.rest(LIST_MILLIS);
        });
  }

  private static void race(Player player, AtomicLongArray leases) throws InterruptedException {
    int slot = player.random().nextInt(SLOTS);
    long lease = leases.get(slot);
    if (lease == 0) {
      Long granted = player.grant(TTL_SECONDS);
      if (granted != null) {
        leases.compareAndSet(slot, 0, granted);
      }
    } else {
      Op op = player.call(request(player, lease));
      if (showsItsEnd(op)) {
        leases.compareAndSet(slot, lease, 0);
      }
    }
    player.restAbout(REST_MILLIS);
  }

  private static Request request(Player player, long lease) {
    String key = "race/" + lease + "/" + player.random().nextInt(KEYS);
    double kind = player.random().nextDouble();
    if (kind < 0.45) {
      return new Request.Renew(lease);
    } else if (kind < 0.55) {
      return new Request.Revoke(lease);
    } else if (kind < 0.8) {
      return new Request.Put(key, player.stage().value(), lease, player.chance(0.5));
    } else if (kind < 0.9) {
      return new Request.Txn(
          List.of(Request.Guard.created(key, Request.Relation.EQUAL, 0)),
          List.of(new Request.Put(key, player.stage().value(), lease, false)),
          List.of(Request.Range.of(key)));
    }
    return new Request.TimeToLive(lease, true);
  }

  private static boolean showsItsEnd(Op op) {
    return op.refusedForWantOfItsLease()
        || op.answer() instanceof Answer.Revoked
        || (op.answer() instanceof Answer.Renewed renewed && !renewed.isAlive())
        || (op.answer() instanceof Answer.TimeLeft left && left.isGone());
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 25.0, "leases", 1.0, "renewals acknowledged", 5.0);
  }
}
