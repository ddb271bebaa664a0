package io.leasehold.bench.cluster;

import io.leasehold.cluster.Server;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What program is measured. */
public enum Target {
  LEASEHOLD(Server.LEASEHOLD, "leasehold_engine_snapshots_saved"),
  /** Debian's {@code etcd-server}. */
  ETCD(Server.ETCD, "etcd_debugging_snap_save_total_duration_seconds_count");

  private final Server server;
  private final String snapshotsMetric;

  Target(Server server, String snapshotsMetric) {
    this.server = server;
    this.snapshotsMetric = snapshotsMetric;
  }

  /** Returns the metric that counts the snapshots which a member made. */
  String snapshotsMetric() {
    return snapshotsMetric;
  }

  Server server() {
    return server;
  }

  /** Throws when it is not installed. */
  void check() {
    if (!Server.present().contains(server)) {
      throw new BenchException(label() + " is not installed (Debian package etcd-server)");
    }
  }

  /** As it is written on the command line and in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Target of(String label) {
    return Arrays.stream(values())
        .filter(target -> target.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new BenchException(
                    "--target "
                        + label
                        + ": choose one of "
                        + Arrays.stream(values())
                            .map(Target::label)
                            .collect(Collectors.joining(", "))));
  }
}
