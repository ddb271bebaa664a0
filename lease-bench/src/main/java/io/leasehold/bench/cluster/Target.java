package io.leasehold.bench.cluster;

import io.leasehold.cluster.Server;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What program is measured. */
public enum Target {
  LEASEHOLD(Server.LEASEHOLD),
  /** Debian's {@code etcd-server}. */
  ETCD(Server.ETCD);

  private final Server server;

  Target(Server server) {
    this.server = server;
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
