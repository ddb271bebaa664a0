package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.LeaseKeeper;
import java.time.Duration;
import java.util.Map;

/**
 * What {@code lease-renew} and {@code lease-patient} do, with renewals that travel in batches: of
 * leases with TTLs of all kinds, some of them gone, through members that come and go; and through
 * one member each, however long it says nothing.
 */
final class LeaseBatch implements Workload {
  private static final int PATIENT_KEEPERS_PER_MEMBER = 3;
  private static final int PATIENT_LEASES = 12;

  /** As short as can be, so that leases end while a member stands still. */
  private static final int PATIENT_TTL_SECONDS = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration PATIENT_INTERVAL = Duration.ofMillis(300);
  private static final long REST_MILLIS = 200;

  @Override
  public void begin(Stage stage) {
    for (int i = 0; i < LeaseRenew.TENANTS; i++) {
      stage.play("tenant-" + i, i, new LeaseRenew.Tenant(stage.batchingKeeper(i)));
    }
    for (int i = 0; i < PATIENT_KEEPERS_PER_MEMBER; i++) {
      for (String member : stage.members()) {
        LeaseKeeper keeper = stage.patientBatchingKeeper(member, PATIENCE);
        stage.play("patient-" + member + "-" + i, i, player -> keepSome(player, keeper));
      }
    }
  }

  /** Leases that are gone are replaced. */
  private static void keepSome(Player player, LeaseKeeper keeper) throws InterruptedException {
    if (keeper.kept().size() < PATIENT_LEASES) {
      Long lease = player.grant(PATIENT_TTL_SECONDS);
      if (lease != null) {
        keeper.keep(lease, PATIENT_TTL_SECONDS, PATIENT_INTERVAL, Duration.ZERO);
        player.put("patient/" + lease, lease);
      }
    }
    player.restAbout(REST_MILLIS);
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 40.0, "leases", 2.0, "renewals acknowledged", 30.0);
  }
}
