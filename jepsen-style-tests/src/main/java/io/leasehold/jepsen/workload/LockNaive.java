package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.check.Belief;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Clients that take a lock and believe in it until they give it back, though they renew nothing.
 * Two of them will believe at the same time, which no server can prevent: the checker must say so.
 */
final class LockNaive implements Workload {
  private static final int CLIENTS = 5;
  private static final int TTL_SECONDS = 2;
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);

  @Override
  public void begin(Stage stage) {
    stage.playSeveral(CLIENTS, "believer", LockNaive::turn);
  }

  private static void turn(Player player) throws InterruptedException {
    Long lease = player.grant(TTL_SECONDS);
    if (lease == null) {
      player.rest(100);
      return;
    }
    String lock = "naive";
    Answer.Acquired acquired =
        player.call(new Request.Acquire(lock, lease), WAIT_MAX).answered(Answer.Acquired.class);
    if (acquired != null) {
      player.rest(player.between(500, 6000));
      player.call(new Request.Release(lock, acquired.lockKey(), acquired.token()));
    }
    player.rest(50);
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 1.0, "locks taken", 0.1);
  }

  @Override
  public Belief belief() {
    return Belief.UNTIL_RELEASE;
  }

  @Override
  public Set<String> mustBeViolated() {
    return Set.of("P3b");
  }
}
