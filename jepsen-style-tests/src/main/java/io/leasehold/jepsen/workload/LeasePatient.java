package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.Map;

/**
 * Clients that ask one member each, and wait for it however long it says nothing: a member that
 * stopped and goes on finds their renewals in its sockets, and must know that it leads no more.
 */
final class LeasePatient implements Workload {
  private static final int CLIENTS_PER_MEMBER = 6;

  /** As short as can be, so that leases end while a member stands still. */
  private static final int TTL_SECONDS = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long REST_MILLIS = 300;
  private static final int RENEWALS_MAX = 40;

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < CLIENTS_PER_MEMBER; i++) {
      stage.playOnEach("patient-" + i, LeasePatient::turn);
    }
  }

  private static void turn(Player player) throws InterruptedException {
    Long lease = player.grant(TTL_SECONDS);
    if (lease == null) {
      player.rest(REST_MILLIS);
      return;
    }
    player.put("patient/" + lease, lease);
    for (int renewals = player.between(1, RENEWALS_MAX); renewals > 0; renewals--) {
      player.restAbout(REST_MILLIS);
      Op op = player.call(new Request.Renew(lease), PATIENCE);
      if (op.answer() instanceof Answer.Renewed renewed && !renewed.isAlive()) {
        return;
      }
    }
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 15.0, "leases", 0.5, "renewals acknowledged", 10.0);
  }
}
