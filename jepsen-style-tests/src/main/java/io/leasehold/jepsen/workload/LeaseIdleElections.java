package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Leases that nobody renews, of which leaders come and go: each change may add a little to their
 * lives, never a TTL. They are looked at all the time, so that it is known how long they lived.
 */
final class LeaseIdleElections implements Workload {
  private static final int LEASES_AT_A_TIME = 30;
  private static final int WATCHERS = 3;
  private static final int[] TTL_SECONDS = {4, 6, 8, 10, 15, 20, 30};

  @Override
  public void begin(Stage stage) {
    Queue<Long> alive = new ConcurrentLinkedQueue<>();
    AtomicInteger aliveCount = new AtomicInteger();
    stage.playSeveral(
        2,
        "grantor",
        player -> {
          if (aliveCount.get() < LEASES_AT_A_TIME) {
            Long lease = player.grant(TTL_SECONDS[player.random().nextInt(TTL_SECONDS.length)]);
            if (lease != null) {
              player.put("idle/" + lease, lease);
              alive.add(lease);
              aliveCount.incrementAndGet();
            }
          }
          player.restAbout(100);
        });
    stage.playSeveral(
        WATCHERS,
        "onlooker",
        player -> {
          Long lease = alive.poll();
          if (lease == null) {
            player.rest(50);
            return;
          }
          Op op = player.call(new Request.TimeToLive(lease, false));
          if (op.answer() instanceof Answer.TimeLeft left && left.isGone()) {
            aliveCount.decrementAndGet();
          } else {
            alive.add(lease);
          }
          player.rest(40);
        });
  }

  @Override
  public Duration longestTtl() {
    return Duration.ofSeconds(Arrays.stream(TTL_SECONDS).max().orElseThrow());
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 15.0, "leases", 0.5);
  }
}
