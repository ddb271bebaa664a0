package io.leasehold.jepsen.workload;

import java.util.concurrent.atomic.AtomicInteger;

/** Grants leases that must be there at the end, each with a key; part of every run. */
public final class LastingLeases {
  private static final int LEASES_MAX = 200;
  private static final long REST_MILLIS = 500;

  private LastingLeases() {}

  public static void begin(Stage stage) {
    AtomicInteger granted = new AtomicInteger();
    stage.play(
        "lasting",
        1,
        player -> {
          if (granted.get() < LEASES_MAX) {
            Long lease = player.grant(Stage.LASTING_TTL_SECONDS);
            if (lease != null) {
              granted.incrementAndGet();
              stage.lasts(lease);
              player.put("lasting/" + lease, lease);
            }
          }
          player.restAbout(REST_MILLIS);
        });
  }
}
