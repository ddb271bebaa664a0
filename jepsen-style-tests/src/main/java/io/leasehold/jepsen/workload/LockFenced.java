package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.LeaseKeeper;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Clients take locks, renew their leases, and write under the protection of the lock's token, in
 * the cluster and in a store outside of it. Some stop for longer than their lease lives and go on
 * as if nothing had happened.
 */
final class LockFenced implements Workload {
  private static final int CLIENTS = 8;
  private static final int LOCKS = 3;
  private static final int TTL_SECONDS = 4;
  private static final Duration RENEWAL_INTERVAL = Duration.ofMillis(1200);
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);
  private static final long STOP_MILLIS = 5500;

  @Override
  public void begin(Stage stage) {
    FencedStore store = new FencedStore(stage.clock()::nowNanos);
    for (int i = 0; i < CLIENTS; i++) {
      LeaseKeeper keeper = stage.keeper(i);
      stage.play("locker-" + i, i, player -> turn(player, keeper, store));
    }
  }

  private static void turn(Player player, LeaseKeeper keeper, FencedStore store)
      throws InterruptedException {
    Long lease = player.grant(TTL_SECONDS);
    if (lease == null) {
      player.rest(100);
      return;
    }
    keeper.keep(lease, TTL_SECONDS, RENEWAL_INTERVAL, RENEWAL_INTERVAL);
    String lock = "lock/" + player.random().nextInt(LOCKS);
    Answer.Acquired acquired =
        player.call(new Request.Acquire(lock, lease), WAIT_MAX).answered(Answer.Acquired.class);
    if (acquired != null) {
      if (player.chance(0.15)) {
        keeper.forget(lease);
        player.rest(STOP_MILLIS);
      }
      write(player, lock, acquired, store);
      player.call(new Request.Release(lock, acquired.lockKey(), acquired.token()));
    }
    keeper.forget(lease);
    player.call(new Request.Revoke(lease));
  }

  private static void write(Player player, String lock, Answer.Acquired acquired, FencedStore store)
      throws InterruptedException {
    for (int writes = player.between(1, 4); writes > 0; writes--) {
      player.call(
          new Request.Txn(
              List.of(
                  Request.Guard.created(
                      acquired.lockKey(), Request.Relation.EQUAL, acquired.token())),
              List.of(new Request.Put("resource/" + lock, player.stage().value(), 0, false)),
              List.of()));
      player.stage().record(store.offer("store/" + lock, acquired.token()));
      player.restAbout(60);
    }
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 8.0, "locks taken", 0.5);
  }
}
